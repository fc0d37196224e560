"""supervisord's group `connector`: its members come and go, and the file that it was read from knows none."""

from collections import defaultdict
from typing import Any

from supervisor.xmlrpc import Faults, RPCError

from server.supervisor_plugin.child_process import TurnIn
from server.supervisor_plugin.connector import ConnectorProcess
from server.supervisor_plugin.connector_program import ConnectorProgram
from server.supervisor_plugin.exit_notifier import ExitNotifier
from server.supervisor_plugin.restart_counters import RestartCounters

NAME = "connector"


class ConnectorGroup:
    """The connectors. Not in the group's config: `supervisorctl update` compares that with the file."""

    def __init__(self, supervisord: Any, template: ConnectorProgram, *, turn_in: TurnIn) -> None:
        self._supervisord = supervisord
        self._template = template
        self._notices = ExitNotifier(template.state)
        self._turn_in = turn_in
        #: By session id, of sleepers too.
        self._tallies: defaultdict[str, RestartCounters] = defaultdict(RestartCounters)
        #: Of all that were forgotten.
        self._forgotten = RestartCounters()

    def all(self) -> list[ConnectorProcess]:
        """Every member, asleep ones excepted: they are no members."""
        return list(self._members().values())

    def get(self, session_id: str) -> ConnectorProcess | None:
        return self._members().get(session_id)

    def __contains__(self, process: ConnectorProcess) -> bool:
        # By identity: supervisord compares processes by their priority.
        return self.get(process.config.name) is process

    def admit(self, session_id: str) -> ConnectorProcess:
        """The session's connector; a new one, not started, where there is none."""
        return self._members().get(session_id) or self._make(session_id)

    def tallies(self) -> dict[str, RestartCounters]:
        """Of each session whose connector was ever started again, awake or not."""
        return {session_id: tally for session_id, tally in self._tallies.items() if not tally.is_empty}

    def forget(self, session_id: str) -> None:
        """The next session of this id begins to count anew."""
        self._forgotten.add(self._tallies.pop(session_id, RestartCounters()))

    def total(self) -> RestartCounters:
        """Of all sessions together, those forgotten too: it never falls."""
        total = RestartCounters()
        for tally in (self._forgotten, *self._tallies.values()):
            total.add(tally)
        return total

    def sweep(self) -> None:
        """Take out who is asleep or was asked away. Never while somebody iterates over the processes."""
        members = self._members()
        for process in [process for process in members.values() if process.leaving]:
            del members[process.config.name]

    def _make(self, session_id: str) -> ConnectorProcess:
        group = self._supervisord.process_groups.get(NAME)
        if group is None:
            raise RPCError(Faults.BAD_NAME, NAME)
        process = ConnectorProcess(
            self._template.config(self._supervisord.options, session_id),
            patience=self._template.patience(session_id),
            tally=self._tallies[session_id],
            notices=self._notices,
            turn_in=self._turn_in,
        )
        process.group = group
        group.processes[session_id] = process
        return process

    def _members(self) -> dict[str, ConnectorProcess]:
        """None are left where somebody has said `supervisorctl remove connector`."""
        group = self._supervisord.process_groups.get(NAME)
        members: dict[str, ConnectorProcess] = group.processes if group else {}
        return members
