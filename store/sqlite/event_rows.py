"""Rows of the event log: the tables `event_log`, `events` and `event_totals`."""

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from secrets import token_hex

from store.event_cursors import EventCursors
from store.records.events import EventLimits, NewEvent
from store.sqlite.event_removal import remove_oldest

#: Bytes of a row and of its entry in the index, without its texts.
ROW_BYTES = 200

#: Random bytes of an event's id.
ID_BYTES = 10


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
        return remove_oldest(connection, session_id, kept, used, limits)
    return 0
