"""The event log on SQLite."""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from store.ports.events import EventLog
from store.records.events import Event, EventLimits, EventPage, NewEvent
from store.records.sessions import Session
from store.sqlite.database import Database
from store.sqlite.event_numbers import (
    before,
    begins_after,
    floor,
    newest,
    number_of,
    read_cursors,
    whole_after,
)
from store.sqlite.event_pages import read_events
from store.sqlite.event_removal import BATCH, find_old, remove_events
from store.sqlite.event_rows import add_events
from store.sqlite.session_rows import read_page
from store.sqlite.unchanged import Unchanged


class SqliteEventLog(EventLog):
    """An event is added inside the transaction of the change that it reports: see `add`."""

    def __init__(
        self,
        database: Database,
        *,
        limits: EventLimits,
        on_events: Callable[[Sequence[NewEvent]], None],
        on_removed: Callable[[str, int], None],
    ) -> None:
        """on_events: called in the event loop with the events of each commit.

        on_removed: called with a session's id and the number of its events that were removed to make room.
        """
        self._database = database
        self._newest = Unchanged(database, lambda connection: newest(connection, None))
        self._limits = limits
        self._on_events = on_events
        self._on_removed = on_removed
        #: What the running transaction adds. Only the writing thread uses it.
        self._added: list[NewEvent] = []
        #: How many of them earlier writes of the transaction have added.
        self._before = 0
        database.on_commit = self._report
        database.on_rollback = self._added.clear
        database.on_write = self._begin_write
        database.on_undo = self._undo_write

    def add(self, connection: sqlite3.Connection, session_id: str, *events: NewEvent) -> None:
        """Adds events of one session, inside the caller's transaction: see UnitOfWork.add_event."""
        if not events:
            return
        removed = add_events(connection, session_id, events, self._limits)
        if removed:
            self._on_removed(session_id, removed)
        self._added.extend(events)

    async def page(
        self,
        number: int,
        *,
        limit: int,
        sessions: Collection[str] | None = None,
        types: Collection[str] | None = None,
        size: int | None = None,
        known_from: int | None = None,
        known_to: int | None = None,
    ) -> EventPage:
        return await self._database.read(
            lambda connection: read_events(
                connection,
                number,
                limit=limit,
                sessions=sessions,
                types=types,
                size=size,
                known_from=known_from,
                known_to=known_to,
            )
        )

    async def after(
        self,
        number: int,
        *,
        limit: int,
        sessions: Collection[str] | None = None,
        types: Collection[str] | None = None,
    ) -> list[Event]:
        return (await self.page(number, limit=limit, sessions=sessions, types=types)).events

    async def of(self, session_id: str, after: int, limit: int) -> list[Event]:
        return await self.after(after, limit=limit, sessions=[session_id])

    async def begins_after(self, session_id: str) -> int:
        return await self._database.read(lambda connection: begins_after(connection, session_id) or 0)

    async def floors(self, sessions: Collection[str], known_from: int) -> dict[str, int]:
        def read(connection: sqlite3.Connection) -> dict[str, int]:
            return {name: floor(connection, name, known_from) for name in sessions}

        return await self._database.read(read)

    async def newest(self, sessions: Collection[str] | None = None) -> int:
        if sessions is None:
            return await self._newest.get()
        return await self._database.read(lambda connection: newest(connection, sessions))

    async def log_id(self) -> str:
        return (await self._database.read(read_cursors)).name

    async def cursor(self, number: int) -> str:
        return (await self._database.read(read_cursors)).cursor(number)

    async def number(self, cursor: str) -> int | None:
        return await self._database.read(lambda connection: number_of(connection, cursor))

    async def before(self, at: int) -> int:
        return await self._database.read(lambda connection: before(connection, at))

    async def whole_after(self, sessions: Collection[str] | None = None) -> int:
        return await self._database.read(lambda connection: whole_after(connection, sessions))

    async def sessions_now(self, among: Collection[str] | None = None) -> tuple[list[Session], int]:
        def read(connection: sqlite3.Connection) -> tuple[list[Session], int]:
            connection.execute("BEGIN")
            try:
                return read_page(connection, among=among), newest(connection, among)
            finally:
                connection.execute("COMMIT")

        return await self._database.read(read)

    async def forget(self, before: int, *, below: int | None = None) -> bool:
        old = await self._database.read(lambda connection: find_old(connection, before, below))
        if old:
            await self._database.write(lambda connection: remove_events(connection, old))
        return len(old) == BATCH

    def _begin_write(self) -> None:
        self._before = len(self._added)

    def _undo_write(self) -> None:
        del self._added[self._before :]

    def _report(self) -> None:
        """Runs on the writing thread: a caller that was cancelled has committed as well."""
        if self._added:
            added = tuple(self._added)
            self._added.clear()
            with suppress(RuntimeError):  # the loop ends before the thread does
                self._database.loop.call_soon_threadsafe(self._on_events, added)
