"""Pings the connectors, and has each one killed that no longer answers, so that it is started again."""

import asyncio
import logging
from collections.abc import Iterable
from itertools import count

from server.connectors.pool import ConnectorPool
from server.core.errors import SupervisorUnavailable
from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: Seconds between two pings of a connector that has not answered.
PING_SECONDS = 5.0

#: One that has answered gets only one ping out of so many: each ping wakes a process that may be idle.
ANSWERED_EVERY = 2

#: Pings in a row without an answer after which a connector counts as deaf. Pings and not seconds: a front
#: that was itself stopped, or busy, has sent none meanwhile and blames nobody.
MAX_UNANSWERED_PINGS = 3


class Heartbeat:
    """Asks every connector whether it lives."""

    def __init__(self, connectors: ConnectorPool) -> None:
        self._connectors = connectors

    async def run(self) -> None:
        """Pings for ever."""
        for number in count(1):
            await asyncio.sleep(PING_SECONDS)
            channels = self._connectors.channels()
            for channel in channels.values():
                if channel.unanswered or number % ANSWERED_EVERY == 0:
                    channel.ping()
            deaf = [id_ for id_, channel in channels.items() if channel.unanswered > MAX_UNANSWERED_PINGS]
            await kill_deaf(self._connectors, deaf)


async def kill_deaf(connectors: ConnectorPool, session_ids: Iterable[str]) -> None:
    """Kills processes that do not answer. One that cannot be killed now is found again soon."""
    for session_id in session_ids:
        try:
            was_there = await connectors.kill(session_id)
        except SupervisorUnavailable as error:
            log_event(log.error, "not_killed", session=session_id, error=error.code)
            return
        if was_there:
            log_event(log.warning, "deaf", session=session_id)
