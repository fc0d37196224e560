"""Replays of webhooks, inside a transaction of the caller."""

import sqlite3

from store.records.webhooks import DeadLetter
from store.sqlite.webhook_lists import named


def replay(connection: sqlite3.Connection, webhook_id: str, *, after: int, now: int) -> None:
    """Sets the cursors of a webhook back: see WebhookStore.replay."""
    values = {"webhook_id": webhook_id, "after": after, "now": now}
    # Each lane gets another version, also one that is not set back: what is in flight may have passed the
    # place already, and must not be stored.
    connection.execute(
        """
        UPDATE lanes
        SET done = CASE WHEN done > :after THEN :after ELSE done END,
            tries = 0, next_at = 0, error = NULL, since = :now, version = version + 1
        WHERE webhook_id = :webhook_id
        """,
        values,
    )
    # A session without a lane begins at `first`, which may be behind the place.
    connection.execute(
        """
        INSERT INTO lanes (webhook_id, session_id, done, tries, next_at, error, since, version)
        SELECT webhooks.id, events.session_id, CASE WHEN first > :after THEN :after ELSE first END,
            0, 0, NULL, :now, 1
        FROM webhooks
        JOIN (SELECT session_id, MAX(number) AS newest FROM events GROUP BY session_id) AS events
        ON events.newest > :after
        WHERE webhooks.id = :webhook_id
        ON CONFLICT (webhook_id, session_id) DO NOTHING
        """,
        values,
    )
    connection.execute("DELETE FROM dead WHERE webhook_id = :webhook_id AND event > :after", values)
    _mark_changed(connection, webhook_id)


def replay_dead(connection: sqlite3.Connection, webhook_id: str) -> int:
    """Requests one more try of each dead letter: see WebhookStore.replay_dead."""
    is_named, names = named(connection, webhook_id)
    found = connection.execute(
        f"""
        UPDATE dead
        SET replay = 1
        WHERE webhook_id = :webhook_id AND event IN (SELECT number FROM events) AND {is_named}
        """,  # noqa: S608  # names of columns and parameters
        {"webhook_id": webhook_id, **names},
    )
    _mark_changed(connection, webhook_id)
    return found.rowcount


def read_replays(connection: sqlite3.Connection, webhook_id: str, *, limit: int) -> list[DeadLetter]:
    """Returns dead letters that are to be tried once more: see WebhookStore.replays."""
    is_named, names = named(connection, webhook_id)
    rows = connection.execute(
        f"""
        SELECT webhook_id, event, session_id, tries, error, at
        FROM dead
        WHERE webhook_id = :id AND replay = 1 AND {is_named}
        ORDER BY event
        LIMIT :limit
        """,  # noqa: S608  # names of columns and parameters
        {"id": webhook_id, "limit": limit, **names},
    )
    return [DeadLetter(**dict(row)) for row in rows]


def _mark_changed(connection: sqlite3.Connection, webhook_id: str) -> None:
    """Makes the deliverer read the webhook again."""
    connection.execute("UPDATE webhooks SET version = version + 1 WHERE id = :id", {"id": webhook_id})
