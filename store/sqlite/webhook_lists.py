"""What callers see of the deliveries of a webhook, inside a read of the caller.

Nothing of a session that the webhook does not name any longer: its keys need not see that session.
"""

import sqlite3

from store.records.webhooks import ListedDeadLetter, Try
from store.sqlite.session_rows import one_of


def read_dead(
    connection: sqlite3.Connection, webhook_id: str, *, after: int, limit: int
) -> list[ListedDeadLetter]:
    """Returns the next dead letters of a webhook: see WebhookStore.dead."""
    is_named, names = named(connection, webhook_id)
    rows = connection.execute(
        f"""
        WITH letters AS (
            SELECT event, tries, error, at, replay
            FROM dead
            WHERE webhook_id = :id AND event > :after AND {is_named}
        )
        SELECT events.id AS event_id, events.type, events.session_id, events.at AS happened_at,
            events.cursor, letters.tries, letters.error, letters.at, letters.replay
        FROM letters
        JOIN events ON events.number = letters.event
        ORDER BY letters.event
        LIMIT :limit
        """,  # noqa: S608  # names of columns and parameters
        {"id": webhook_id, "after": after, "limit": limit, **names},
    )
    return [ListedDeadLetter(**{**dict(row), "replay": bool(row["replay"])}) for row in rows]


def read_tries(
    connection: sqlite3.Connection, webhook_id: str, *, limit: int, failed: bool | None
) -> list[Try]:
    """Returns the last tries of a webhook: see WebhookStore.tries. A test has no session."""
    is_named, names = named(connection, webhook_id)
    rows = connection.execute(
        f"""
        SELECT webhook_id, event_id, type, session_id, ordinal, at, took, status, error
        FROM tries
        WHERE webhook_id = :id
        AND (:failed = 2 OR (error IS NOT NULL AND :failed = 1) OR (error IS NULL AND :failed = 0))
        AND (session_id IS NULL OR {is_named})
        ORDER BY number DESC
        LIMIT :limit
        """,  # noqa: S608  # names of columns and parameters
        {"id": webhook_id, "limit": limit, "failed": 2 if failed is None else int(failed), **names},
    )
    return [Try(**dict(row)) for row in rows]


def first_dead(connection: sqlite3.Connection, webhook_id: str) -> int | None:
    """Returns the number of the oldest event that is dead and can be replayed; None without one."""
    is_named, names = named(connection, webhook_id)
    (number,) = connection.execute(
        f"SELECT MIN(event) FROM dead WHERE webhook_id = :id AND {is_named}",  # noqa: S608  # names of parameters
        {"id": webhook_id, **names},
    ).fetchone()
    return None if number is None else int(number)


def named(connection: sqlite3.Connection, webhook_id: str) -> tuple[str, dict[str, str]]:
    """Returns a condition that the webhook names the session of a row, and its parameters."""
    row = connection.execute("SELECT sessions FROM webhooks WHERE id = :id", {"id": webhook_id}).fetchone()
    names = None if row is None or row["sessions"] is None else row["sessions"].split()
    return one_of("session_id", names)
