"""Limits how many connectors load at once: loading keeps a core busy."""

import asyncio
import os

#: Seconds after which a connector that has sent no event no longer keeps others from starting.
SLOW_START_SECONDS = 10.0


def cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0))


class StartLimiter:
    """Semaphore for connectors that are loading (FIFO)."""

    def __init__(self, number: int) -> None:
        self._free = asyncio.Semaphore(number)
        self._taken: dict[str, asyncio.TimerHandle] = {}

    async def take(self, session_id: str) -> None:
        """Returns once the session may load. Its caller holds the session."""
        if session_id in self._taken:
            return
        await self._free.acquire()
        self._taken[session_id] = asyncio.get_running_loop().call_later(
            SLOW_START_SECONDS, self.leave, session_id
        )

    def is_taken(self, session_id: str) -> bool:
        """Whether the connector of the session is still loading."""
        return session_id in self._taken

    def leave(self, session_id: str) -> None:
        """Ends the loading of a connector that answers, or has ended. May be called again."""
        timer = self._taken.pop(session_id, None)
        if timer is not None:
            timer.cancel()
            self._free.release()
