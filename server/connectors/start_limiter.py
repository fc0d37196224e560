"""Limits how many connectors load at once: loading keeps a core busy."""

import asyncio
import os

from server.core import caller
from server.core.fair_queue import FairQueue

#: Seconds after which a connector that has sent no event no longer keeps others from starting.
SLOW_START_SECONDS = 10.0


def cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0))


class StartLimiter:
    """Limit of connectors that are loading. Those that wait are admitted in the order of a FairQueue."""

    def __init__(self, number: int) -> None:
        """number: how many may load at once."""
        self._free = number
        self._queue = FairQueue()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._taken: dict[str, asyncio.TimerHandle] = {}

    async def take(self, session_id: str) -> None:
        """Returns once the session may load. Its caller holds the session."""
        if session_id in self._taken:
            return
        if self._free:
            self._admit(session_id)
            return
        turn = self._waiting[session_id] = asyncio.get_running_loop().create_future()
        self._queue.add(session_id, caller.current())
        try:
            await turn
        except asyncio.CancelledError:
            self._waiting.pop(session_id, None)
            self._queue.discard(session_id)
            if not turn.cancelled():
                self.leave(session_id)  # It was admitted in the same moment.
            raise

    def join(self, session_id: str) -> None:
        """Adds the current caller to those that wait for the session, if it waits."""
        if session_id in self._waiting:
            self._queue.add(session_id, caller.current())

    def is_taken(self, session_id: str) -> bool:
        """Whether the connector of the session is still loading."""
        return session_id in self._taken

    def loading(self) -> int:
        """Returns how many connectors are loading."""
        return len(self._taken)

    def waiting(self) -> int:
        """Returns how many sessions wait for their turn."""
        return len(self._waiting)

    def callers(self) -> list[str]:
        """Returns the callers whose sessions wait, in the order of their turns."""
        return self._queue.callers()

    def leave(self, session_id: str) -> None:
        """Ends the loading of a connector that answers, or has ended. May be called again."""
        timer = self._taken.pop(session_id, None)
        if timer is None:
            return
        timer.cancel()
        self._free += 1
        while self._queue:
            following = self._queue.take()
            turn = self._waiting.pop(following)
            if not turn.cancelled():
                self._admit(following)
                turn.set_result(None)
                return

    def _admit(self, session_id: str) -> None:
        self._free -= 1
        self._taken[session_id] = asyncio.get_running_loop().call_later(
            SLOW_START_SECONDS, self.leave, session_id
        )
