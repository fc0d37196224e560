"""Finds connectors that hear nobody, and has each of them killed, so that it is started anew."""

import asyncio
import logging
from collections import Counter

from server.connectors.pool import ConnectorPool
from server.core.errors import SupervisorUnavailable
from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: Seconds between two pings.
PING_SECONDS = 5.0

#: Pings in a row without an answer after which a connector counts as deaf. Pings and not seconds: a front
#: that was itself stopped, or busy, has sent none meanwhile and blames nobody.
MOST_UNANSWERED_PINGS = 3

#: Every so many periods the front looks for processes that never said a word.
PINGS_A_LOOK = 4

#: A process is mute that was found so in so many looks in a row: for 60 seconds at least.
LOOKS_UNTIL_KILLED = 4

#: How many mute ones are killed after one look. A host that is slow to load hundreds gets time for the rest.
MOST_KILLS_A_LOOK = 4


class Heartbeat:
    """Asks every connector whether it lives."""

    def __init__(self, connectors: ConnectorPool) -> None:
        self._connectors = connectors
        #: In how many looks in a row the process of a session was found mute.
        self._mute: Counter[tuple[str, int]] = Counter()

    async def run(self) -> None:
        """For ever."""
        while True:
            for _ in range(PINGS_A_LOOK):
                await asyncio.sleep(PING_SECONDS)
                await self._ping()
            await self._look_for_mutes()

    async def _ping(self) -> None:
        lines = self._connectors.channels()
        for line in lines.values():
            line.ping()
        await self._kill(
            [session_id for session_id, line in lines.items() if line.unanswered > MOST_UNANSWERED_PINGS]
        )

    async def _look_for_mutes(self) -> None:
        """A process that hangs while it loads has no line to be pinged on; supervisord knows that it runs."""
        mute = [session_id for session_id, line in self._connectors.channels().items() if line.is_mute()]
        pids = await self._pids() if mute else {}
        found = {(session_id, pids[session_id]) for session_id in mute if session_id in pids}
        self._mute = Counter({process: self._mute[process] + 1 for process in found})
        overdue = [session_id for (session_id, _), looks in self._mute.items() if looks >= LOOKS_UNTIL_KILLED]
        await self._kill(sorted(overdue)[:MOST_KILLS_A_LOOK])

    async def _pids(self) -> dict[str, int]:
        try:
            running = await self._connectors.running()
        except SupervisorUnavailable:
            return {}
        return {program.id: program.pid for program in running.values() if program.pid is not None}

    async def _kill(self, session_ids: list[str]) -> None:
        """One that cannot be killed now is found again by the next ping, or the next look."""
        for session_id in session_ids:
            try:
                was_there = await self._connectors.kill(session_id)
            except SupervisorUnavailable as error:
                log_event(log.error, "not_killed", session=session_id, error=error.code)
                return
            if was_there:
                log_event(log.warning, "deaf", session=session_id)
