"""Queue of sessions to start. Sessions that clients requested are started first; the clients take turns."""

import asyncio
from collections.abc import Iterable

from server.core import caller
from server.core.fair_queue import FairQueue


class StartQueue:
    """The ids of sessions whose connectors are to be started one after the other, each once."""

    def __init__(self) -> None:
        #: In their order; as keys, so that each waits once.
        self._waiting: dict[str, None] = {}
        #: Those of them that were requested.
        self._requested = FairQueue()
        self._is_filled = asyncio.Event()

    def add(self, session_ids: Iterable[str]) -> None:
        """Appends sessions, unless they wait already."""
        for session_id in session_ids:
            self._waiting.setdefault(session_id)
            self._is_filled.set()

    def request(self, session_id: str) -> None:
        """Moves a session that waits before those that were not requested. Any other changes nothing."""
        if session_id in self._waiting:
            self._requested.add(session_id, caller.current())

    def holds(self, session_id: str) -> bool:
        """Whether a session waits."""
        return session_id in self._waiting

    def discard(self, session_id: str) -> None:
        """Removes a session that is not to be started."""
        self._waiting.pop(session_id, None)
        self._requested.discard(session_id)

    async def take(self) -> str:
        """Removes and returns the next session, once there is one."""
        while not self._waiting:
            self._is_filled.clear()
            await self._is_filled.wait()
        session_id = self._requested.take() if self._requested else next(iter(self._waiting))
        self.discard(session_id)
        return session_id
