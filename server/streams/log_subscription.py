"""What a stream sends: the missed events or a snapshot of the sessions, then all that follows."""

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass

from server.domain.states import UNPAIRED
from server.streams.event_buffer import EventBuffer, Lost
from server.streams.event_tail import EventTail
from store.ports.events import EventLog
from store.records.events import Event
from store.records.sessions import Session

#: Events, and bytes of their data, that a stream takes from the log at once.
PAGE_EVENTS = 100
PAGE_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class Reset:
    """The client must discard its state. A snapshot of every session follows, ended by CaughtUp."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A session as it is, in the snapshot."""

    session: Session


@dataclass(frozen=True, slots=True)
class CodeChanged:
    """A session with its new code, or without the one that it had."""

    session: Session


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The snapshot is complete."""

    #: The number of the newest event of these sessions that it contains.
    number: int


class LogSubscription:
    """Reads the event log and the changes of codes for one stream. It makes no other stream wait."""

    def __init__(
        self,
        log: EventLog,
        tail: EventTail,
        feed: EventBuffer,
        *,
        sessions: Collection[str] | None,
        types: Collection[str] | None = None,
        known_from: int | None = None,
    ) -> None:
        """sessions: whose events the client gets; None: every session's. types: None: all.

        known_from: see EventLog.page.
        """
        self._log = log
        self._tail = tail
        self._feed = feed
        self._sessions = sessions
        self._types = types
        self._known_from = known_from
        #: By session: the number up to which the client gets no event.
        self._floors: dict[str, int] = {}
        #: The number of the last event of the log that was looked at.
        self._number = 0
        #: The number of the last entry of the feed that was looked at.
        self._position = 0
        #: Whether the client does not know the present codes.
        self._lacks_codes = False

    async def items(
        self, number: int | None
    ) -> AsyncGenerator[Reset | Standing | CodeChanged | CaughtUp | Event]:
        """Yields for ever. number: of the last event that the client has; None: it has nothing.

        Raises Lost if events after this number are not kept any longer, and the error of EventTail.close.
        """
        with self._feed.followed():
            async with self._tail.followed():
                async for item in self._items(number):
                    yield item

    async def _items(
        self, number: int | None
    ) -> AsyncGenerator[Reset | Standing | CodeChanged | CaughtUp | Event]:
        self._position = self._feed.last
        if number is None:
            yield Reset()
            sessions, self._number = await self._log.sessions_now(self._sessions)
            for session in sessions:
                yield Standing(session)
            yield CaughtUp(self._number)
        else:
            await self._continue(number)
        news = self._tail.news_of(self._sessions)
        while True:
            seen = news.count
            if self._tail.closed is not None:
                raise self._tail.closed
            async for event in self._up_to(self._tail.newest):
                yield event
            for session in await self._changed_codes():
                yield CodeChanged(session)
            await news.wait(seen)

    async def _up_to(self, newest: int) -> AsyncGenerator[Event]:
        """Yields the wanted events up to a number, which the tail has read."""
        while self._number < newest:
            if self._tail.closed is not None:
                raise self._tail.closed
            events = self._tail.since(self._number, size=PAGE_BYTES)
            if events is None:
                for event in await self._missed():
                    yield event
                continue
            for event in events:
                self._number = event.number
                if self._is_wanted(event):
                    yield event

    async def _continue(self, number: int) -> None:
        """Begins after this number, without a snapshot."""
        self._number = number
        self._lacks_codes = True
        if self._sessions is not None and self._known_from is not None:
            self._floors = await self._log.floors(self._sessions, self._known_from)

    async def _missed(self) -> list[Event]:
        """Returns the next events, which are not in memory any more. Raises Lost."""
        newest = self._tail.newest
        page = await self._log.page(
            self._number,
            limit=PAGE_EVENTS,
            size=PAGE_BYTES,
            sessions=self._sessions,
            types=self._types,
            known_from=self._known_from,
        )
        if self._number < page.whole_after:
            raise Lost
        is_end = page.reached == self._number
        self._number = max(newest, page.reached) if is_end else page.reached
        return page.events

    async def _changed_codes(self) -> list[Session]:
        """Returns the sessions whose code has changed, each once, as they are now.

        They are read again: as it was at the change, a session may be older than in an event sent already, or
        be deleted by now.
        """
        changed: set[str] = set()
        try:
            entries = self._feed.since(self._position)
        except Lost:
            entries = []
            self._position = self._tail.released
            self._lacks_codes = True
        for entry in entries:
            if entry.number > self._tail.released:
                break
            self._position = entry.number
            if entry.changes_code and self._concerns(entry.session_id):
                changed.add(entry.session_id)
        if not changed and not self._lacks_codes:
            return []
        among = self._sessions if self._lacks_codes else changed
        sessions, _ = await self._log.sessions_now(among)
        is_all = self._lacks_codes
        self._lacks_codes = False
        return [session for session in sessions if not is_all or session.status in UNPAIRED]

    def _is_wanted(self, event: Event) -> bool:
        return (
            self._concerns(event.session_id)
            and event.number > self._floors.get(event.session_id, 0)
            and (self._types is None or event.type in self._types)
        )

    def _concerns(self, session_id: str) -> bool:
        return self._sessions is None or session_id in self._sessions
