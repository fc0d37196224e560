"""Pages of the event log."""

import sqlite3
from collections.abc import Collection
from contextlib import ExitStack, closing
from heapq import merge
from itertools import islice

from store.records.events import Event, EventPage
from store.sqlite.event_numbers import begins_after, floor, whole_after

#: Events that one page looks at, if only some types are wanted.
SCANNED = 5000

#: The data of one page: a page ends after the event that exceeds it.
PAGE_BYTES = 4 * 2**20


def read_events(
    connection: sqlite3.Connection,
    after: int,
    *,
    limit: int,
    sessions: Collection[str] | None,
    types: Collection[str] | None,
    size: int | None = None,
    known_from: int | None = None,
    known_to: int | None = None,
) -> EventPage:
    """Returns the next events after a number: see EventLog.page."""
    size = PAGE_BYTES if size is None else size
    looked_at = limit if types is None else SCANNED
    among: Collection[str | None] = [None] if sessions is None else set(sessions)
    last = _last_known(connection, sessions, known_to)
    events: list[Event] = []
    used, reached = 0, after
    with ExitStack() as stack:  # a statement that is left half-way would keep an old state of the file
        scans = [
            stack.enter_context(closing(_scan(connection, one, after, looked_at, known_from)))
            for one in among
        ]
        for number, kind in islice(merge(*scans, key=tuple), looked_at):
            if len(events) == limit or used > size or (last is not None and number > last):
                break
            reached = number
            event = _read_event(connection, number) if types is None or kind in types else None
            if event is not None:
                events.append(event)
                used += len(event.data)
    return EventPage(
        events=events,
        reached=reached,
        whole_after=whole_after(connection, sessions),
        has_another=last is not None,
    )


def _last_known(
    connection: sqlite3.Connection, sessions: Collection[str] | None, known_to: int | None
) -> int | None:
    """Returns the number behind which events are those of a session that the reader does not know."""
    if known_to is None or sessions is None:
        return None
    begins = [begins_after(connection, name) for name in sessions]
    return next((number for number in begins if number is not None and number > known_to), None)


def _scan(
    connection: sqlite3.Connection,
    session_id: str | None,
    after: int,
    limit: int,
    known_from: int | None,
) -> sqlite3.Cursor:
    """Finds number and type of the next events. session_id: None: of every session."""
    if session_id is None:
        return connection.execute(
            "SELECT number, type FROM events WHERE number > :after ORDER BY number LIMIT :limit",
            {"after": after, "limit": limit},
        )
    return connection.execute(
        """
        SELECT number, type
        FROM events
        WHERE session_id = :session_id AND number > :after
        ORDER BY number
        LIMIT :limit
        """,
        {
            "session_id": session_id,
            "after": max(after, floor(connection, session_id, known_from)),
            "limit": limit,
        },
    )


def _read_event(connection: sqlite3.Connection, number: int) -> Event | None:
    """Returns an event; None if it was forgotten meanwhile."""
    row = connection.execute(
        "SELECT number, id, cursor, session_id, type, at, data FROM events WHERE number = :number",
        {"number": number},
    ).fetchone()
    return None if row is None else Event(**dict(row))
