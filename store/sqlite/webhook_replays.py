"""Replays of webhooks, and fresh tries of what waits, inside a transaction of the caller."""

import sqlite3

from store.records.webhooks import DeadLetter, Webhook
from store.sqlite.webhook_lists import named


def replay(connection: sqlite3.Connection, webhook_id: str, *, after: int, now: int) -> None:
    """Sets the cursors of a webhook back: see WebhookStore.replay.

    The dead letters ahead of a cursor are no longer dead: `remove_revived` removes them.
    """
    # Each lane gets another version, also one that is not set back: what is in flight may have passed the
    # place already, and must not be stored.
    connection.execute(
        """
        UPDATE lanes
        SET done = CASE WHEN done > :after THEN :after ELSE done END,
            tries = 0, next_at = 0, error = NULL, since = :now, version = version + 1
        WHERE webhook_id = :webhook_id
        """,
        {"webhook_id": webhook_id, "after": after, "now": now},
    )
    _begin_lanes(connection, webhook_id, after=after, now=now)
    mark_changed(connection, webhook_id)


def try_again(connection: sqlite3.Connection, webhook: Webhook) -> None:
    """Forgets the failed tries of a webhook that may take now what it refused. Its cursors stay.

    Each lane gets another version: the end of a try from before the change must not count.
    """
    connection.execute(
        """
        UPDATE lanes
        SET tries = 0, next_at = 0, error = NULL, version = version + 1
        WHERE webhook_id = :webhook_id
        """,
        {"webhook_id": webhook.id},
    )
    _begin_lanes(connection, webhook.id, after=webhook.first, now=0)


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


def _begin_lanes(connection: sqlite3.Connection, webhook_id: str, *, after: int, now: int) -> None:
    """Adds lanes for sessions without one that have events after a number. Else each begins at `first`.

    `first` may be behind the number. The log may have millions of events, so only the newest of each session
    is read.
    """
    is_named, names = named(connection, webhook_id)
    connection.execute(
        f"""
        INSERT INTO lanes (webhook_id, session_id, done, tries, next_at, error, since, version)
        SELECT webhooks.id, logged.session_id, CASE WHEN first > :after THEN :after ELSE first END,
            0, 0, NULL, :now, 1
        FROM webhooks
        JOIN (
            SELECT session_id, (
                SELECT MAX(number) FROM events WHERE events.session_id = event_totals.session_id
            ) AS newest
            FROM event_totals
            WHERE kept > 0 AND {is_named}
        ) AS logged
        ON logged.newest > :after
        WHERE webhooks.id = :webhook_id
        ON CONFLICT (webhook_id, session_id) DO NOTHING
        """,  # noqa: S608  # names of columns and parameters
        {"webhook_id": webhook_id, "after": after, "now": now, **names},
    )


def mark_changed(connection: sqlite3.Connection, webhook_id: str) -> None:
    """Makes the deliverer read the webhook again."""
    connection.execute("UPDATE webhooks SET version = version + 1 WHERE id = :id", {"id": webhook_id})
