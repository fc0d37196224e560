"""Finds processes that never say a word: they have no open channel to be pinged on."""

import logging
from collections import Counter
from collections.abc import Mapping

from server.connectors.channel import Channel
from server.connectors.heartbeat import kill_deaf
from server.connectors.pool import ConnectorPool
from server.connectors.supervisor_client import Program
from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: A process is killed that was found mute in so many looks in a row. Looks and not seconds: a front that was
#: itself stopped, or busy, has not looked meanwhile and blames nobody.
LOOKS_UNTIL_KILLED = 3

#: How many mute ones are killed after one look. A host that is slow to load hundreds gets time for the rest.
MAX_KILLS_A_LOOK = 4


class MuteProcesses:
    """Counts in how many looks in a row the process of a session was found mute."""

    def __init__(self, connectors: ConnectorPool) -> None:
        self._connectors = connectors
        self._looks: Counter[tuple[str, int]] = Counter()

    async def look(self, programs: Mapping[str, Program]) -> None:
        """Greets the mute ones again, in case their `up` was lost; kills those that stay mute.

        programs: what supervisord lists, by session id.
        """
        found = {}
        for session_id, channel in self._connectors.channels().items():
            program = programs.get(session_id)
            if program is not None and program.pid is not None and channel.is_mute():
                found[session_id, program.pid] = channel
        self._looks = Counter({process: self._looks[process] + 1 for process in found})
        overdue = sorted(id_ for (id_, _), looks in self._looks.items() if looks >= LOOKS_UNTIL_KILLED)
        for (session_id, _), channel in found.items():
            await self._greet(session_id, channel)
        await kill_deaf(self._connectors, overdue[:MAX_KILLS_A_LOOK])

    async def _greet(self, session_id: str, channel: Channel) -> None:
        """Says hello again, unless the session was deleted since it was found mute."""
        if self._connectors.channels().get(session_id) is not channel:
            return
        try:
            await channel.greet()
        except OSError as error:
            log_event(log.error, "not_settled", session=session_id, error=error)
