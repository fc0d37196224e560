"""Subscriptions: a request that waits for a session receives every change of it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from server.core.errors import MotteError
from server.protocol.events.base import Event
from server.protocol.events.messages import MessageMoved, MessageReceived
from store.records.sessions import Session


@dataclass(frozen=True, slots=True)
class Change:
    """One event that was taken in, or one request of a caller, even if it did not alter the session."""

    #: The session after it; None: it was deleted.
    session: Session | None
    #: The event of its connector; None: a caller asked for the change.
    event: Event | None


class Subscription:
    """The changes of one session in order, from the moment of the subscription."""

    def __init__(self, *, wants_messages: bool = False) -> None:
        #: Whether it gets what changes messages, too.
        self.wants_messages = wants_messages
        self._queue: asyncio.Queue[Change | MotteError] = asyncio.Queue()
        self._waiting = False

    def put(self, change: Change | MotteError) -> None:
        """Adds a change after those that are not read yet; or an error, which ends the wait of the reader."""
        self._queue.put_nowait(change)

    def is_awaited(self) -> bool:
        """Whether somebody waits for the next change."""
        return self._waiting

    async def next(self) -> Change:
        """Returns the next change. Raises the error that `close` was called with."""
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
    """The subscriptions of each session."""

    def __init__(self, on_publish: Callable[[str, Session | None], None] | None = None) -> None:
        """on_publish: called with every change of every session, before its subscribers get it."""
        self._on_publish = on_publish
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._closed: MotteError | None = None
        #: Set while there is a subscription.
        self.is_in_use = asyncio.Event()

    @contextmanager
    def subscribe(self, session_id: str, *, wants_messages: bool = False) -> Iterator[Subscription]:
        """Yields a subscription to every change from now on. Subscribe first, then read the session.

        wants_messages: to what changes messages, too.
        """
        subscription = Subscription(wants_messages=wants_messages)
        if self._closed is not None:
            subscription.put(self._closed)
        self._subscriptions[session_id].add(subscription)
        self.is_in_use.set()
        try:
            yield subscription
        finally:
            self._subscriptions[session_id].discard(subscription)
            if not self._subscriptions[session_id]:
                del self._subscriptions[session_id]
            if not self._subscriptions:
                self.is_in_use.clear()

    def session_ids(self) -> list[str]:
        """Returns the sessions that have a subscription."""
        return list(self._subscriptions)

    def is_awaited(self, session_id: str) -> bool:
        """Whether a subscriber has read all changes so far, and waits for more."""
        return any(subscription.is_awaited() for subscription in self._subscriptions.get(session_id, ()))

    def publish(self, session_id: str, change: Change) -> None:
        """Sends a change that is committed to its subscribers.

        A message changes no session: only those get it that want messages.
        """
        if self._on_publish is not None:
            self._on_publish(session_id, change.session)
        is_message = isinstance(change.event, MessageReceived | MessageMoved)
        for subscription in tuple(self._subscriptions.get(session_id, ())):
            if subscription.wants_messages or not is_message:
                subscription.put(change)

    def publish_messages(self, session_id: str) -> None:
        """Wakes those that wait for messages: some have changed, and no connector said so."""
        for subscription in tuple(self._subscriptions.get(session_id, ())):
            if subscription.wants_messages:
                subscription.put(Change(session=None, event=None))

    def close(self, error: MotteError) -> None:
        """Ends every wait with this error, and those to come."""
        self._closed = error
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.put(error)
