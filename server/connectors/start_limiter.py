"""Few connectors load at once: it costs each a core, and more than a host has cores would all be late."""

import asyncio
import os

#: Seconds after which a connector that has not said a word keeps no other from starting.
SLOW_START_SECONDS = 10.0


def cores() -> int:
    """How many this process may use; each is kept busy by one connector that loads."""
    return len(os.sched_getaffinity(0))


class StartLimiter:
    """Where connectors load. Who finds none free waits: first come, first served."""

    def __init__(self, number: int) -> None:
        self._free = asyncio.Semaphore(number)
        self._taken: dict[str, asyncio.TimerHandle] = {}

    async def take(self, session_id: str) -> None:
        """Return once the session has a place. Whoever calls holds the session."""
        if session_id in self._taken:
            return
        await self._free.acquire()
        self._taken[session_id] = asyncio.get_running_loop().call_later(
            SLOW_START_SECONDS, self.leave, session_id
        )

    def is_taken(self, session_id: str) -> bool:
        """Whether its connector is still loading."""
        return session_id in self._taken

    def leave(self, session_id: str) -> None:
        """The connector answers, or has ended. Said again, it changes nothing."""
        timer = self._taken.pop(session_id, None)
        if timer is not None:
            timer.cancel()
            self._free.release()
