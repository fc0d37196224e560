"""Removal of events: those beyond the limits of a session, and old ones."""

import sqlite3
from collections.abc import Collection

from store.records.events import EventLimits

#: Removal goes on down to this part of a limit, so that not every event that follows removes one.
REMOVED_TO = 0.95

#: Sessions without events of which it is known that they had some.
MAX_EMPTY_TOTALS = 10_000

#: Rows that one transaction removes: others want to write meanwhile.
BATCH = 500


def remove_oldest(
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
