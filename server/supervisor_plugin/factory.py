"""The plugin, put together inside supervisord: `[rpcinterface:motte]` names `make_interface`."""

import os
import signal
from typing import Any

from supervisor import events
from supervisor.process import Subprocess

from server.supervisor_plugin import front
from server.supervisor_plugin.child_process import HANDLED, GuardedProcess, TurnIn
from server.supervisor_plugin.connector_group import ConnectorGroup
from server.supervisor_plugin.connector_program import ConnectorProgram
from server.supervisor_plugin.console import show_warnings, stop_when_closed
from server.supervisor_plugin.deferred_responses import look_at_all, send_large_pieces
from server.supervisor_plugin.log_resilience import outlive_full_disks
from server.supervisor_plugin.rlimits import keep_memory_off_disk, raise_open_files
from server.supervisor_plugin.rpc import RpcInterface
from server.supervisor_plugin.signal_poller import PunctualPoller


def make_interface(supervisord: Any, **options: str) -> RpcInterface:
    """Called by supervisord before it starts any program; once more after a reload, with everything new."""
    template = ConnectorProgram.parse(**options)
    prepare_process(supervisord.options)
    poller = PunctualPoller(
        supervisord.options, lambda: look_after(supervisord, group), lambda: front.end(supervisord)
    )
    group = ConnectorGroup(supervisord, template, turn_in=poller.turn_in)
    supervisord.options.poller = poller
    poller.turn_in(0)  # The first turn starts the programs; stock supervisord waits a second for it.
    adopt_programs(supervisord, poller.turn_in)
    events.subscribe(events.SupervisorRunningEvent, lambda _: begin(supervisord.options))
    return RpcInterface(supervisord, group)


def prepare_process(options: Any) -> None:
    """What supervisord itself hands down to its children."""
    os.environ.pop("MOTTE_API_KEY", None)
    os.umask(options.umask)  # supervisord applies it only where it goes into the background.
    raise_open_files()
    keep_memory_off_disk()
    outlive_full_disks()
    send_large_pieces()


def begin(options: Any) -> None:
    """Called when supervisord's own handlers of signals are in place."""
    show_warnings(options.logger)
    stop_when_closed(options)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)  # `motte serve` may have kept some back


def look_after(supervisord: Any, group: ConnectorGroup) -> None:
    """After each signal: bury the dead, let go who is done, and answer those who waited for it."""
    dead_before = -1
    while dead_before != (dead_before := len(supervisord.options.pidhistory)):
        supervisord.reap()  # a hundred at most in one go
    group.sweep()
    look_at_all(supervisord.options.get_socket_map())


def adopt_programs(supervisord: Any, turn_in: TurnIn) -> None:
    """Give the programs of the file our class, now and when `supervisorctl update` reads them anew."""

    def adopt(name: str) -> None:
        processes = supervisord.process_groups[name].processes
        for process in list(processes.values()):
            if type(process) is Subprocess:
                processes[process.config.name] = _adopted(process, turn_in)

    for name in supervisord.process_groups:
        adopt(name)
    events.subscribe(events.ProcessGroupAddedEvent, lambda added: adopt(added.group))


def _adopted(process: Any, turn_in: TurnIn) -> GuardedProcess:
    """process: not started yet."""
    kind = front.FrontProcess if process.config.name == front.NAME else GuardedProcess
    adopted = kind(process.config, turn_in=turn_in)
    adopted.group = process.group
    return adopted
