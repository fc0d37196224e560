"""Creates the plugin inside supervisord: `[rpcinterface:motte]` names `make_interface`."""

import os
import signal
from typing import Any

from supervisor import events
from supervisor.process import Subprocess

from server.supervisor_plugin import front
from server.supervisor_plugin.child_process import HANDLED_SIGNALS, ChildProcess, WakeAfter
from server.supervisor_plugin.connector_group import ConnectorGroup
from server.supervisor_plugin.connector_program import ConnectorProgram
from server.supervisor_plugin.console import announce_stop, show_warnings, stop_when_closed
from server.supervisor_plugin.data_limit import data_limit
from server.supervisor_plugin.deferred_responses import poll_all, send_large_chunks
from server.supervisor_plugin.early_front import EarlyFront
from server.supervisor_plugin.log_resilience import survive_full_disks
from server.supervisor_plugin.rlimits import disable_core_dumps, raise_open_files
from server.supervisor_plugin.rpc import RpcInterface
from server.supervisor_plugin.signal_poller import SignalPoller
from server.supervisor_plugin.spares import Spares


def make_interface(supervisord: Any, **options: str) -> RpcInterface:
    """Called by supervisord before it starts any program, and again after a reload."""
    program = ConnectorProgram.parse(**options)
    prepare_process(supervisord.options)
    poller = SignalPoller(
        supervisord.options,
        lambda: handle_signal(supervisord, group),
        on_close=lambda: front.exit_if_given_up(supervisord),
        on_turn=lambda: spares.look(),
    )
    limit = data_limit(program.reserved_memory, program.memory)
    if limit is None:
        supervisord.options.logger.warn(
            "the memory of connectors has no upper limit: what Node reserves is unknown"
        )
    group = ConnectorGroup(supervisord, program, wake_after=poller.wake_after, data_limit=limit)
    spares = Spares(supervisord, group, program, wake_after=poller.wake_after)
    spares.clear()
    supervisord.options.poller = poller
    poller.wake_after(0)  # The first turn starts the programs; stock supervisord waits a second for it.
    adopt_programs(supervisord, poller.wake_after, EarlyFront.taken(os.environ))
    events.subscribe(events.SupervisorRunningEvent, lambda _: finish_start(supervisord.options, program))
    events.subscribe(events.SupervisorStoppingEvent, announce_stop)
    return RpcInterface(supervisord, group, spares)


def prepare_process(options: Any) -> None:
    """Sets what children inherit from supervisord, and replaces stock code of logs and responses."""
    os.environ.pop("MOTTE_API_KEY", None)
    os.umask(options.umask)  # supervisord sets it only when it goes into the background
    raise_open_files()
    disable_core_dumps()
    survive_full_disks()
    send_large_chunks()


def finish_start(options: Any, program: ConnectorProgram) -> None:
    """Called once supervisord has installed its signal handlers."""
    show_warnings(options.logger)
    for lack in program.isolation.missing if program.isolation else ():
        options.logger.warn(f"connectors are isolated in part: {lack}")
    if program.warm_spares and not program.can_have_spares:
        options.logger.warn(
            "there are no warm spares: this kernel could not isolate them like other connectors"
        )
    stop_when_closed(options)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)  # `motte serve` may have blocked some


def handle_signal(supervisord: Any, group: ConnectorGroup) -> None:
    """After each signal: reaps children, removes connectors that ended, and polls waiting responses."""
    children_before = -1
    while children_before != (children_before := len(supervisord.options.pidhistory)):
        supervisord.reap()  # at most a hundred in one call
    group.remove_leaving()
    poll_all(supervisord.options.get_socket_map())


def adopt_programs(supervisord: Any, wake_after: WakeAfter, early: EarlyFront | None) -> None:
    """Gives the file's programs our class, now and when `supervisorctl update` reads the file again."""
    unused = [early] if early else []

    def adopt(name: str) -> None:
        processes = supervisord.process_groups[name].processes
        for process in list(processes.values()):
            if type(process) is Subprocess:
                processes[process.config.name] = _adopted(process, wake_after, unused)

    for name in supervisord.process_groups:
        adopt(name)
    events.subscribe(events.ProcessGroupAddedEvent, lambda added: adopt(added.group))


def _adopted(process: Any, wake_after: WakeAfter, unused: list[EarlyFront]) -> ChildProcess:
    """process: not started yet. unused: a front that runs already, which the first one gets."""
    adopted: ChildProcess
    if process.config.name == front.NAME:
        early = unused.pop() if unused else None
        adopted = front.FrontProcess(process.config, wake_after=wake_after, early=early)
    else:
        adopted = ChildProcess(process.config, wake_after=wake_after)
    adopted.group = process.group
    return adopted
