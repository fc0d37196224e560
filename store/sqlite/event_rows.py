"""Rows of the event log: the tables `event_log`, `events` and `event_totals`."""

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from heapq import merge
from itertools import islice
from secrets import token_hex

from store.event_cursors import EventCursors
from store.records import Event, EventLimits, EventPage, NewEvent

#: Removal goes on down to this part of a limit, so that not every event that follows removes one.
REMOVED_TO = 0.95

#: Bytes of a row and of its entry in the index, without its texts.
ROW_BYTES = 200

#: Random bytes of an event's id.
ID_BYTES = 10

#: Events that one page looks at, if only some types are wanted.
SCANNED = 5000

#: The data of one page: a page ends after the event that exceeds it.
PAGE_BYTES = 4 * 2**20

#: Sessions without events of which it is known that they had some.
MAX_EMPTY_TOTALS = 10_000

#: Rows that one transaction removes: others want to write meanwhile.
BATCH = 500


def begin_log(connection: sqlite3.Connection) -> None:
    """Gives the log a name and a key, unless it has them."""
    connection.execute(
        """
        INSERT INTO event_log (id, name, secret, last, forgotten)
        VALUES (1, :name, :secret, 0, 0)
        ON CONFLICT (id) DO NOTHING
        """,
        asdict(EventCursors.of_another_log()),
    )


def begin_another(connection: sqlite3.Connection) -> None:
    """Gives the log another name and key."""
    connection.execute(
        "UPDATE event_log SET name = :name, secret = :secret", asdict(EventCursors.of_another_log())
    )


def add_events(
    connection: sqlite3.Connection, session_id: str, events: Sequence[NewEvent], limits: EventLimits
) -> int:
    """Adds events behind all others, and removes the oldest of their session beyond the limits.

    Returns how many it removed.
    """
    last, name, secret = connection.execute(
        "UPDATE event_log SET last = last + :number RETURNING last, name, secret", {"number": len(events)}
    ).fetchone()
    cursors = EventCursors(name, secret)
    sizes = [ROW_BYTES + len(event.data.encode()) for event in events]
    rows = [
        {
            "number": number,
            "id": f"evt_{token_hex(ID_BYTES)}",
            "cursor": cursors.cursor(number),
            "session_id": session_id,
            "type": event.type,
            "at": event.at,
            "size": size,
            "data": event.data,
        }
        for number, (event, size) in enumerate(zip(events, sizes, strict=True), last - len(events) + 1)
    ]
    connection.executemany(
        """
        INSERT INTO events (number, id, cursor, session_id, type, at, size, data)
        VALUES (:number, :id, :cursor, :session_id, :type, :at, :size, :data)
        """,
        rows,
    )
    kept, used = connection.execute(
        """
        INSERT INTO event_totals (session_id, kept, bytes, forgotten)
        VALUES (:session_id, :kept, :bytes, 0)
        ON CONFLICT (session_id) DO UPDATE SET kept = kept + excluded.kept, bytes = bytes + excluded.bytes
        RETURNING kept, bytes
        """,
        {"session_id": session_id, "kept": len(events), "bytes": sum(sizes)},
    ).fetchone()
    if kept > limits.number or used > limits.bytes:
        return _remove_oldest(connection, session_id, kept, used, limits)
    return 0


def number_of(connection: sqlite3.Connection, cursor: str) -> int | None:
    """Returns the number of a cursor: see EventLog.number."""
    last, name, secret = connection.execute("SELECT last, name, secret FROM event_log").fetchone()
    number = EventCursors(name, secret).number(cursor)
    return number if number is not None and number <= last else None


def read_cursors(connection: sqlite3.Connection) -> EventCursors:
    """Returns what makes and reads the cursors of this log."""
    name, secret = connection.execute("SELECT name, secret FROM event_log").fetchone()
    return EventCursors(name, secret)


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


def find_old(connection: sqlite3.Connection, before: int, below: int | None) -> list[int]:
    """Returns the numbers of some events that happened before a moment: see EventLog.forget.

    Those that are kept may stand before them in the log: the clock was ahead when they were written.
    """
    rows = connection.execute(
        """
        SELECT number
        FROM events
        WHERE at < :before AND number < :below
        ORDER BY at, number
        LIMIT :batch
        """,
        {"before": before, "below": 2**62 if below is None else below, "batch": BATCH},
    )
    return sorted(int(row["number"]) for row in rows)


def remove_events(connection: sqlite3.Connection, numbers: Collection[int]) -> None:
    """Removes events, if they are still there."""
    for number in numbers:
        row = connection.execute(
            "DELETE FROM events WHERE number = :number RETURNING session_id, size", {"number": number}
        ).fetchone()
        if row is None:
            continue
        connection.execute(
            """
            UPDATE event_totals
            SET kept = kept - 1, bytes = bytes - :size,
                forgotten = CASE WHEN forgotten < :number THEN :number ELSE forgotten END
            WHERE session_id = :session_id
            """,
            {"session_id": row["session_id"], "size": row["size"], "number": number},
        )
        _note_forgotten(connection, number)
    _forget_totals(connection)


def whole_after(connection: sqlite3.Connection, sessions: Collection[str] | None) -> int:
    """Returns the smallest number after which no event was removed: see EventLog.whole_after."""
    if sessions is None:
        return int(connection.execute("SELECT forgotten FROM event_log").fetchone()["forgotten"])
    query = "SELECT forgotten FROM event_totals WHERE session_id = :session_id"
    rows = (connection.execute(query, {"session_id": name}).fetchone() for name in sessions)
    return max((int(row["forgotten"]) for row in rows if row is not None), default=0)


def newest(connection: sqlite3.Connection, sessions: Collection[str] | None) -> int:
    """Returns the number of the newest event: see EventLog.newest."""
    if sessions is None:
        return int(connection.execute("SELECT last FROM event_log").fetchone()["last"])
    query = "SELECT COALESCE(MAX(number), 0) AS last FROM events WHERE session_id = :session_id"
    kept = (connection.execute(query, {"session_id": name}).fetchone()["last"] for name in sessions)
    return max(0, whole_after(connection, sessions), *(int(number) for number in kept))


def before(connection: sqlite3.Connection, at: int) -> int:
    """Returns the number after which the events since a moment are: see EventLog.before."""
    row = connection.execute(
        "SELECT MIN(number) - 1 AS number FROM events WHERE at >= :at", {"at": at}
    ).fetchone()
    return newest(connection, None) if row["number"] is None else int(row["number"])


def begins_after(connection: sqlite3.Connection, session_id: str) -> int | None:
    """Returns the number of the newest event when the session was made; None if there is no such session."""
    row = connection.execute(
        "SELECT begins_after FROM sessions WHERE id = :session_id", {"session_id": session_id}
    ).fetchone()
    return None if row is None else int(row["begins_after"])


def floor(connection: sqlite3.Connection, session_id: str, known_from: int | None) -> int:
    """Returns the number up to which events are those of an earlier session that the reader never met."""
    if known_from is None:
        return 0
    begins = begins_after(connection, session_id)
    return known_from if begins is None else min(known_from, begins)


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


def _remove_oldest(
    connection: sqlite3.Connection, session_id: str, kept: int, used: int, limits: EventLimits
) -> int:
    """Removes the oldest events of a session until it is well within its limits. Returns how many."""
    before = kept
    rows = connection.execute(
        "SELECT number, size FROM events WHERE session_id = :session_id ORDER BY number",
        {"session_id": session_id},
    )
    forgotten = 0
    for number, size in rows:
        if kept <= REMOVED_TO * limits.number and used <= REMOVED_TO * limits.bytes:
            break
        kept, used, forgotten = kept - 1, used - size, number
    rows.close()
    totals = {"session_id": session_id, "kept": kept, "bytes": used, "forgotten": forgotten}
    connection.execute("DELETE FROM events WHERE session_id = :session_id AND number <= :forgotten", totals)
    connection.execute(
        """
        UPDATE event_totals
        SET kept = :kept, bytes = :bytes,
            forgotten = CASE WHEN forgotten < :forgotten THEN :forgotten ELSE forgotten END
        WHERE session_id = :session_id
        """,
        totals,
    )
    _note_forgotten(connection, forgotten)
    return before - kept


def _forget_totals(connection: sqlite3.Connection) -> None:
    """Removes what is known of deleted sessions without events, but for the last of them.

    A reader of such a session learns that events were removed, as long as the session is known here.
    """
    connection.execute(
        """
        DELETE FROM event_totals
        WHERE kept = 0
        AND NOT EXISTS (SELECT id FROM sessions WHERE id = session_id)
        AND forgotten <= (
            SELECT forgotten FROM event_totals
            WHERE kept = 0
            ORDER BY forgotten DESC
            LIMIT 1 OFFSET :most
        )
        """,
        {"most": MAX_EMPTY_TOTALS},
    )


def _note_forgotten(connection: sqlite3.Connection, number: int) -> None:
    connection.execute(
        "UPDATE event_log SET forgotten = :number WHERE forgotten < :number", {"number": number}
    )
