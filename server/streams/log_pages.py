"""Pages of the event log for callers that poll, and the wait for the next event."""

import asyncio
from collections.abc import Collection

from server.core.errors import CursorExpired
from server.streams.event_tail import EventTail
from store.ports.events import EventLog
from store.records.events import Event, EventPage


class LogPages:
    """Reads the events of some sessions and types."""

    def __init__(
        self,
        log: EventLog,
        tail: EventTail,
        *,
        sessions: Collection[str] | None,
        types: Collection[str] | None,
        limit: int,
        known_from: int | None = None,
    ) -> None:
        """sessions, types: those that count; None: all. known_from: see EventLog.page."""
        self._log = log
        self._tail = tail
        self._sessions = sessions
        self._types = types
        self._limit = limit
        self._known_from = known_from

    async def after(self, cursor: str | None, *, wait: float, oldest: int = 0) -> EventPage:
        """Returns the events after a cursor, once there are any; without one after `wait` seconds.

        cursor: None: from the oldest event on, or from the first after the number `oldest`.
        Raises CursorExpired, and the error of EventTail.close.
        """
        page = await self._next(await self._number(cursor, oldest))
        if page.events or wait == 0:
            return page
        try:
            async with asyncio.timeout(wait), self._tail.followed():
                while not page.events:
                    newest = self._tail.newest
                    page = await self._next(page.reached)
                    if not page.events:
                        await self._something_follows(newest)
        except TimeoutError:
            pass
        return page

    async def _number(self, cursor: str | None, oldest: int) -> int:
        """Returns the number of a cursor. Raises CursorExpired."""
        if cursor is None:
            return max(oldest, await self._log.whole_after(self._sessions))
        number = await self._log.number(cursor)
        if number is None:
            raise CursorExpired
        return number

    async def _next(self, number: int) -> EventPage:
        """Returns the next events that count; none only if the log has no more. Raises CursorExpired."""
        while True:
            page = await self._log.page(
                number,
                limit=self._limit,
                sessions=self._sessions,
                types=self._types,
                known_from=self._known_from,
            )
            if number < page.whole_after:
                raise CursorExpired
            if page.events or page.reached == number:
                return page
            number = page.reached

    async def _something_follows(self, newest: int) -> None:
        """Returns once an event after this number counts, as far as is known."""
        news = self._tail.news_of(self._sessions)
        while True:
            seen = news.count
            if self._tail.closed is not None:
                raise self._tail.closed
            events = self._tail.since(newest)
            if events is None or any(self._counts(event) for event in events):
                return
            if events:  # none of them is looked at again
                newest = events[-1].number
            await news.wait(seen)

    def _counts(self, event: Event) -> bool:
        return (self._sessions is None or event.session_id in self._sessions) and (
            self._types is None or event.type in self._types
        )
