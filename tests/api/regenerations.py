"""How many refreshes of a session are at work at the same time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from server.core.single_flight import SingleFlight
from store.records.sessions import Session


class Regenerations:
    """The refreshes at work: each from its beginning until nobody can join it any more."""

    def __init__(self, single_flight: SingleFlight[Session]) -> None:
        self.most_at_once = 0
        self._at_work: set[object] = set()
        self._join, self._leave = single_flight.join, single_flight.leave
        single_flight.join = self._joined  # type: ignore[method-assign]
        single_flight.leave = self._left  # type: ignore[method-assign]

    def _joined(self, key: str, work: Callable[[], Coroutine[Any, Any, Session]]) -> asyncio.Future[Session]:
        return self._join(key, lambda: self._watched(work))

    def _left(self, key: str) -> None:
        self._at_work.discard(asyncio.current_task())
        self._leave(key)

    async def _watched(self, work: Callable[[], Coroutine[Any, Any, Session]]) -> Session:
        task = asyncio.current_task()
        self._at_work.add(task)
        self.most_at_once = max(self.most_at_once, len(self._at_work))
        try:
            return await work()
        finally:
            self._at_work.discard(task)
