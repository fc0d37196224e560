"""Queue of sessions to start. Sessions that a client requested are started first."""

import asyncio
from collections.abc import Iterable


class StartQueue:
    """The ids of sessions whose connectors are to be started one after the other, each once."""

    def __init__(self) -> None:
        #: In their order; as keys, so that each waits once.
        self._waiting: dict[str, None] = {}
        #: Those of them that were requested, the earliest first.
        self._requested: dict[str, None] = {}
        self._is_filled = asyncio.Event()

    def add(self, session_ids: Iterable[str]) -> None:
        """Appends sessions, unless they wait already."""
        for session_id in session_ids:
            self._waiting.setdefault(session_id)
            self._is_filled.set()

    def request(self, session_id: str) -> None:
        """Moves a session that waits before those that were not requested. Any other changes nothing."""
        if session_id in self._waiting:
            self._requested.setdefault(session_id)

    def discard(self, session_id: str) -> None:
        """Removes a session that is not to be started."""
        self._waiting.pop(session_id, None)
        self._requested.pop(session_id, None)

    async def take(self) -> str:
        """Removes and returns the next session, once there is one."""
        while not self._waiting:
            self._is_filled.clear()
            await self._is_filled.wait()
        session_id = next(iter(self._requested or self._waiting))
        self.discard(session_id)
        return session_id
