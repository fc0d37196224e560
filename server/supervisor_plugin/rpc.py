"""The XML-RPC namespace `motte`: start, stop, kill and list connectors without reading a file again."""

import json
from typing import Any

from supervisor.http import NOT_DONE_YET
from supervisor.states import SupervisorStates
from supervisor.xmlrpc import Faults, RPCError

from server.core.paths import is_session_id
from server.supervisor_plugin.connector import ConnectorProcess
from server.supervisor_plugin.connector_group import ConnectorGroup
from server.supervisor_plugin.deferred_responses import when_done


class RpcInterface:
    """Its public methods are what the socket offers. During a shutdown each answers with a fault."""

    def __init__(self, supervisord: Any, group: ConnectorGroup) -> None:
        self._supervisord = supervisord
        self._group = group

    def start(self, session_id: str) -> Any:
        """Start a connector, unless it runs or waits for its next try; answers with its description."""
        self._check(session_id)
        return when_done(lambda: self._started(session_id))

    def stop(self, session_id: str) -> Any:
        """Stop a connector; answers when it is gone: whether there was one."""
        self._check(session_id)
        process = self._group.get(session_id)
        if process is None:
            return False
        process.retire()
        return when_done(lambda: self._gone(process))

    def list(self) -> Any:
        """A description of every connector that is not asleep, in JSON.

        One text: five hundred descriptions as XML cost their reader 47 ms, as JSON in it 1 ms, measured.
        """
        self._check()
        return json.dumps([process.describe() for process in self._group.all()])

    def kill(self, session_id: str) -> Any:
        """Kill a connector that no longer answers: a crash, so that it comes back by its own rules.

        Answers at once: whether there was one. A stop would first give a hung process its time to end.
        """
        self._check(session_id)
        process = self._group.get(session_id)
        return process is not None and process.put_down()

    def tallies(self) -> Any:
        """How often each connector was started again unasked, by session id; those of sleepers too."""
        self._check()
        return {session_id: tally.describe() for session_id, tally in self._group.tallies().items()}

    def total(self) -> Any:
        """How often all connectors together were started again unasked, those of deleted sessions too."""
        self._check()
        return self._group.total().describe()

    def forget(self, session_id: str) -> Any:
        """The session is deleted: another one of this id begins to count anew."""
        self._check(session_id)
        self._group.forget(session_id)
        return True

    def _started(self, session_id: str) -> Any:
        process = self._group.admit(session_id)
        if process.stopping:  # It comes back when it is gone.
            return NOT_DONE_YET
        process.ensure()
        return process.describe()

    def _gone(self, process: ConnectorProcess) -> Any:
        self._group.sweep()
        return NOT_DONE_YET if process in self._group else True

    def _check(self, *session_ids: object) -> None:
        if self._supervisord.options.mood < SupervisorStates.RUNNING:
            raise RPCError(Faults.SHUTDOWN_STATE)
        for session_id in session_ids:
            if not isinstance(session_id, str) or not is_session_id(session_id):
                raise RPCError(Faults.BAD_ARGUMENTS, "not a session id")
