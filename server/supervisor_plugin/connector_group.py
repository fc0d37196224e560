"""supervisord's group `connector`, whose members are added and removed while supervisord runs."""

from collections import defaultdict
from typing import Any, TypeVar

from supervisor.xmlrpc import Faults, RPCError

from server.supervisor_plugin.child_process import WakeAfter
from server.supervisor_plugin.connector import ConnectorProcess
from server.supervisor_plugin.connector_program import ConnectorProgram
from server.supervisor_plugin.exit_notifier import ExitNotifier
from server.supervisor_plugin.restart_counters import RestartCounters
from server.supervisor_plugin.spare_process import SpareProcess

NAME = "connector"

Member = TypeVar("Member", bound=ConnectorProcess)


class ConnectorGroup:
    """The connectors. The group's config omits them: `supervisorctl update` compares it with the file."""

    def __init__(
        self,
        supervisord: Any,
        program: ConnectorProgram,
        *,
        wake_after: WakeAfter,
        data_limit: int | None,
    ) -> None:
        """data_limit: bytes that each connector may use, data_limit.py; None: no limit."""
        self._supervisord = supervisord
        self._program = program
        #: Parts of every member.
        self._shared: dict[str, Any] = {
            "exit_notifier": ExitNotifier(program.state),
            "wake_after": wake_after,
            "data_limit": data_limit,
        }
        #: By session id, also of connectors that are asleep.
        self._restart_counters: defaultdict[str, RestartCounters] = defaultdict(RestartCounters)
        #: Sum of the counters of deleted sessions.
        self._forgotten = RestartCounters()

    def all(self) -> list[ConnectorProcess]:
        """The connector of every session, and no spare. A connector that is asleep is not a member."""
        return [process for process in self._members().values() if not isinstance(process, SpareProcess)]

    def spares(self) -> list[SpareProcess]:
        """Every spare, the oldest first."""
        return [process for process in self._members().values() if isinstance(process, SpareProcess)]

    @property
    def exists(self) -> bool:
        """Whether it can have members: not after `supervisorctl remove connector`."""
        return NAME in self._supervisord.process_groups

    @property
    def is_loading(self) -> bool:
        """Whether a member was started a moment ago."""
        return any(process.is_loading for process in self._members().values())

    def get(self, session_id: str) -> ConnectorProcess | None:
        return self._members().get(session_id)

    def __contains__(self, process: ConnectorProcess) -> bool:
        # By identity: supervisord compares processes by their priority.
        return self.get(process.config.name) is process

    def create(self, session_id: str) -> ConnectorProcess:
        """Returns a connector for a session that has none. It is not started."""
        return self._add(
            ConnectorProcess(
                self._program.process_config(self._supervisord.options, session_id),
                restart_policy=self._program.restart_policy(session_id),
                restart_counters=self._restart_counters[session_id],
                confinement=self._program.confinement(session_id),
                **self._shared,
            )
        )

    def create_spare(self, name: str) -> SpareProcess:
        """Returns a spare, which is not started. Its name is no session's id."""
        return self._add(
            SpareProcess(
                self._program.spare_config(self._supervisord.options, name),
                folder=self._program.state.spare(name),
                restart_policy=self._program.spare_policy(),
                restart_counters=RestartCounters(),
                confinement=self._program.spare_confinement(name),
                **self._shared,
            )
        )

    def restart_counters(self) -> dict[str, RestartCounters]:
        """Counters of each session whose connector was restarted at least once, asleep or not."""
        return {
            session_id: counters
            for session_id, counters in self._restart_counters.items()
            if not counters.is_empty
        }

    def forget(self, session_id: str) -> None:
        """Resets the counters of a deleted session; the total keeps them."""
        self._forgotten.add(self._restart_counters.pop(session_id, RestartCounters()))

    def total(self) -> RestartCounters:
        """Sum over all sessions, deleted ones included. It never falls."""
        total = RestartCounters()
        for counters in (self._forgotten, *self._restart_counters.values()):
            total.add(counters)
        return total

    def remove_leaving(self) -> None:
        """Removes members that are asleep or stopped. Never call it while the processes are iterated."""
        for process in [process for process in self._members().values() if process.is_leaving]:
            self.remove(process)

    def remove(self, process: ConnectorProcess) -> None:
        """Removes a member, which has no process. Never call it while the processes are iterated."""
        del self._members()[process.config.name]

    def _add(self, process: Member) -> Member:
        group = self._supervisord.process_groups.get(NAME)
        if group is None:
            raise RPCError(Faults.BAD_NAME, NAME)
        process.group = group
        group.processes[process.config.name] = process
        return process

    def _members(self) -> dict[str, ConnectorProcess]:
        """Empty after `supervisorctl remove connector`."""
        group = self._supervisord.process_groups.get(NAME)
        members: dict[str, ConnectorProcess] = group.processes if group else {}
        return members
