"""Who is told what happens to a session, while they wait for it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from server.events import Event
from store.records import Session


@dataclass(frozen=True, slots=True)
class Change:
    """One event that was taken in, whether it altered the session or not."""

    #: The session after it; None: it was deleted.
    session: Session | None
    #: What happened; None: it was deleted.
    event: Event | None


class News:
    """The changes of one session in order, from the moment the listener asked."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Change] = asyncio.Queue()

    def tell(self, change: Change) -> None:
        """Add a change behind those not yet read."""
        self._queue.put_nowait(change)

    async def __aiter__(self) -> AsyncIterator[Change]:
        while True:
            yield await self._queue.get()


class Changes:
    """The listeners of each session."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[News]] = defaultdict(set)

    @contextmanager
    def listen(self, session_id: str) -> Iterator[News]:
        """Hear every change from here on. Listen first, read the session after: nothing is missed."""
        news = News()
        self._listeners[session_id].add(news)
        try:
            yield news
        finally:
            self._listeners[session_id].discard(news)
            if not self._listeners[session_id]:
                del self._listeners[session_id]

    def tell(self, session_id: str, change: Change) -> None:
        """Called once the change is stored."""
        for news in tuple(self._listeners.get(session_id, ())):
            news.tell(change)
