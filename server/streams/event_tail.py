"""The newest events of the log, read once for all streams of this front."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from itertools import islice
from weakref import WeakValueDictionary

from server.core.errors import MotteError
from server.core.tasks import until_one_ends
from server.events.notifier import Notifier
from server.streams.event_buffer import EventBuffer, Lost
from store.ports.store import Store
from store.records.events import Event

#: Events that are kept in memory. A reader that is further behind reads the log.
MAX_EVENTS = 1024
#: The data of these events: a text may have 64 KiB.
MAX_BYTES = 8 * 2**20

#: Events that one read of the log takes.
READ_EVENTS = 256

#: Seconds after the last reader has gone within which the store is polled no more.
WAIT_SECONDS = 1.0


class EventTail:
    """Follows the log while somebody reads, whichever process writes it.

    The changes of sessions that the buffer has are published after their commit. They are released here once
    the log was read up to that commit: a code follows the event of the status that it belongs to.
    """

    def __init__(self, store: Store, notifier: Notifier, feed: EventBuffer) -> None:
        self._store = store
        self._notifier = notifier
        self._feed = feed
        #: Notifies after each read those who wait for events or for changes of sessions.
        self.news = Notifier()
        #: The same for those who wait for one session, while they do.
        self._news_of: WeakValueDictionary[str, Notifier] = WeakValueDictionary()
        #: The number of the newest event that was read.
        self.newest = 0
        #: The number of the newest entry of the buffer that is released.
        self.released = feed.last
        #: Why no more events follow.
        self.closed: MotteError | None = None
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._readers = 0
        self._is_followed = asyncio.Event()
        #: Set while the log is being followed.
        self._has_begun = asyncio.Event()

    @asynccontextmanager
    async def followed(self) -> AsyncGenerator[None]:
        """Counts a reader, while the block runs. It begins once the log is being followed."""
        self._readers += 1
        self._is_followed.set()
        try:
            await self._has_begun.wait()
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._is_followed.clear()

    def news_of(self, sessions: Collection[str] | None) -> Notifier:
        """Returns the notifier of what concerns these sessions, and perhaps others. None: all.

        With a notifier for each session, an event does not wake the streams of all others.
        """
        if sessions is None or len(sessions) != 1:
            return self.news
        [session_id] = sessions
        return self._news_of.setdefault(session_id, Notifier())

    def since(self, number: int, *, size: int = MAX_BYTES) -> list[Event] | None:
        """Returns the events after a number that were read so far; None: not all of them are kept.

        size: it ends after the event with which the data exceed so many bytes. A slow reader holds what it
        was given, also once the tail has dropped it.
        """
        if number >= self.newest:
            return []
        if number < self._floor():
            return None
        behind = sum(1 for event in reversed(self._events) if event.number > number)
        found: list[Event] = []
        for event in islice(self._events, len(self._events) - behind, None):
            found.append(event)
            size -= len(event.data)
            if size < 0:
                break
        return found

    async def run(self) -> None:
        """Reads the log while somebody follows. Runs for ever. Raises StoreError."""
        while True:
            await self._is_followed.wait()
            self._begin(await self._store.events.newest())
            try:
                await self._follow()
            finally:
                self._has_begun.clear()

    def close(self, error: MotteError) -> None:
        """Ends the waits of all readers: they find the error in `closed`."""
        self.closed = error
        self._has_begun.set()
        self._notify(None)

    async def _follow(self) -> None:
        version: int | None = None
        while self._is_followed.is_set():
            seen, position = self._notifier.count, self._feed.last
            version = await self._store.wait_for_change(None, within=0)
            while page := await self._store.events.after(self.newest, limit=READ_EVENTS):
                self._add(page)
                self._notify({event.session_id for event in page})
            if self.released != position:
                concerned = self._changed_since(self.released)
                self.released = position
                self._notify(concerned)
            await until_one_ends(
                self._notifier.wait(seen), self._store.wait_for_change(version, within=WAIT_SECONDS)
            )

    def _begin(self, newest: int) -> None:
        """What was written while nobody followed is in the log."""
        self._events.clear()
        self._bytes = 0
        self.newest = newest
        self._has_begun.set()
        self._notify(None)

    def _notify(self, session_ids: Collection[str] | None) -> None:
        """Wakes those who wait for one of these sessions. None: everybody."""
        self.news.notify()
        for session_id in list(self._news_of) if session_ids is None else session_ids:
            if (notifier := self._news_of.get(session_id)) is not None:
                notifier.notify()

    def _changed_since(self, position: int) -> set[str] | None:
        """Returns the sessions with a change after this one; None if it is not known."""
        try:
            return {entry.session_id for entry in self._feed.since(position)}
        except Lost:
            return None

    def _add(self, events: list[Event]) -> None:
        for event in events:
            self._events.append(event)
            self._bytes += len(event.data)
        while len(self._events) > MAX_EVENTS or self._bytes > MAX_BYTES:
            self._bytes -= len(self._events.popleft().data)
        self.newest = events[-1].number

    def _floor(self) -> int:
        """The number after which every event is kept."""
        return self._events[0].number - 1 if self._events else self.newest
