"""supervisord's group `connector`, whose members are added and removed while supervisord runs."""

from collections import defaultdict
from typing import Any

from supervisor.xmlrpc import Faults, RPCError

from server.supervisor_plugin.child_process import WakeAfter
from server.supervisor_plugin.connector import ConnectorProcess
from server.supervisor_plugin.connector_program import ConnectorProgram
from server.supervisor_plugin.exit_notifier import ExitNotifier
from server.supervisor_plugin.restart_counters import RestartCounters

NAME = "connector"


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
        self._data_limit = data_limit
        self._program = program
        self._exit_notifier = ExitNotifier(program.state)
        self._wake_after = wake_after
        #: By session id, also of connectors that are asleep.
        self._restart_counters: defaultdict[str, RestartCounters] = defaultdict(RestartCounters)
        #: Sum of the counters of deleted sessions.
        self._forgotten = RestartCounters()

    def all(self) -> list[ConnectorProcess]:
        """Every member. A connector that is asleep is not a member."""
        return list(self._members().values())

    def get(self, session_id: str) -> ConnectorProcess | None:
        return self._members().get(session_id)

    def __contains__(self, process: ConnectorProcess) -> bool:
        # By identity: supervisord compares processes by their priority.
        return self.get(process.config.name) is process

    def get_or_create(self, session_id: str) -> ConnectorProcess:
        """Returns the session's connector. A new one is not started."""
        return self._members().get(session_id) or self._create(session_id)

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
        members = self._members()
        for process in [process for process in members.values() if process.is_leaving]:
            del members[process.config.name]

    def _create(self, session_id: str) -> ConnectorProcess:
        group = self._supervisord.process_groups.get(NAME)
        if group is None:
            raise RPCError(Faults.BAD_NAME, NAME)
        process = ConnectorProcess(
            self._program.process_config(self._supervisord.options, session_id),
            restart_policy=self._program.restart_policy(session_id),
            restart_counters=self._restart_counters[session_id],
            exit_notifier=self._exit_notifier,
            wake_after=self._wake_after,
            data_limit=self._data_limit,
            confinement=self._program.confinement(session_id),
        )
        process.group = group
        group.processes[session_id] = process
        return process

    def _members(self) -> dict[str, ConnectorProcess]:
        """Empty after `supervisorctl remove connector`."""
        group = self._supervisord.process_groups.get(NAME)
        members: dict[str, ConnectorProcess] = group.processes if group else {}
        return members
