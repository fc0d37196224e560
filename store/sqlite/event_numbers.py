"""Numbers of the event log: of cursors, of moments, of sessions, and where it begins and ends."""

import sqlite3
from collections.abc import Collection

from store.event_cursors import EventCursors


def number_of(connection: sqlite3.Connection, cursor: str) -> int | None:
    """Returns the number of a cursor: see EventLog.number."""
    last, name, secret = connection.execute("SELECT last, name, secret FROM event_log").fetchone()
    number = EventCursors(name, secret).number(cursor)
    return number if number is not None and number <= last else None


def read_cursors(connection: sqlite3.Connection) -> EventCursors:
    """Returns what makes and reads the cursors of this log."""
    name, secret = connection.execute("SELECT name, secret FROM event_log").fetchone()
    return EventCursors(name, secret)


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
