"""Who is told what happens to a session, while they wait for it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from server.core.errors import MotteError
from server.protocol.events import Event, MessageReceived
from store.records import Session


@dataclass(frozen=True, slots=True)
class Change:
    """One event that was taken in, whether it altered the session or not."""

    #: The session after it; None: it was deleted.
    session: Session | None
    #: What its connector said; None: a caller asked for the change.
    event: Event | None


class Subscription:
    """The changes of one session in order, from the moment the listener asked."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Change | MotteError] = asyncio.Queue()
        self._waiting = False

    def tell(self, change: Change | MotteError) -> None:
        """Add a change behind those not yet read; or an error, which ends the wait of who reads on."""
        self._queue.put_nowait(change)

    def is_awaited(self) -> bool:
        """Whether somebody waits for the next change."""
        return self._waiting

    async def next(self) -> Change:
        """The next change. Raises the error that ended the news."""
        self._waiting = True
        try:
            change = await self._queue.get()
        finally:
            self._waiting = False
        if isinstance(change, MotteError):
            raise change
        return change

    async def __aiter__(self) -> AsyncIterator[Change]:
        while True:
            yield await self.next()


class Subscriptions:
    """The listeners of each session."""

    def __init__(self, overhear: Callable[[str, Session | None], None] | None = None) -> None:
        """overhear: hears every change of every session, before its listeners do."""
        self._overhear = overhear
        self._listeners: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._closed: MotteError | None = None
        #: Set while anybody listens.
        self.is_listened_to = asyncio.Event()

    @contextmanager
    def listen(self, session_id: str) -> Iterator[Subscription]:
        """Hear every change from here on. Listen first, read the session after: nothing is missed."""
        subscription = Subscription()
        if self._closed is not None:
            subscription.tell(self._closed)
        self._listeners[session_id].add(subscription)
        self.is_listened_to.set()
        try:
            yield subscription
        finally:
            self._listeners[session_id].discard(subscription)
            if not self._listeners[session_id]:
                del self._listeners[session_id]
            if not self._listeners:
                self.is_listened_to.clear()

    def listened_to(self) -> list[str]:
        """The sessions that have a listener."""
        return list(self._listeners)

    def is_awaited(self, session_id: str) -> bool:
        """Whether a listener has heard all there is so far, and waits for more."""
        return any(subscription.is_awaited() for subscription in self._listeners.get(session_id, ()))

    def publish(self, session_id: str, change: Change) -> None:
        """Called once the change is committed. A message changes no session: those who wait sleep on."""
        if self._overhear is not None:
            self._overhear(session_id, change.session)
        if isinstance(change.event, MessageReceived):
            return
        for subscription in tuple(self._listeners.get(session_id, ())):
            subscription.tell(change)

    def close(self, error: MotteError) -> None:
        """End every wait with this error, and those to come."""
        self._closed = error
        for listeners in self._listeners.values():
            for subscription in listeners:
                subscription.tell(error)
