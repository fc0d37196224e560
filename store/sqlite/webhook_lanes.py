"""Lanes, and what the event log has for them, inside a read of the caller."""

import sqlite3

from store.records.webhooks import Lane, Webhook


def read_lanes(connection: sqlite3.Connection, webhook_id: str) -> list[Lane]:
    """Returns the lanes of a webhook: see WebhookStore.lanes."""
    rows = connection.execute(
        """
        SELECT webhook_id, session_id, done, tries, next_at, error, since, version
        FROM lanes
        WHERE webhook_id = :id
        """,
        {"id": webhook_id},
    )
    return [Lane(**dict(row)) for row in rows]


def newest(connection: sqlite3.Connection) -> dict[str, int]:
    """Returns the number of the newest event of each session, without reading the others."""
    rows = connection.execute(
        """
        SELECT session_id, (
            SELECT MAX(number) FROM events WHERE events.session_id = event_totals.session_id
        ) AS number
        FROM event_totals
        WHERE kept > 0
        """
    )
    return {row["session_id"]: row["number"] for row in rows}


def first_missing(connection: sqlite3.Connection, webhook: Webhook, last: dict[str, int]) -> int | None:
    """Returns the number of the first event that a webhook still has to get; None if it has all of them.

    A session without a lane begins at `Webhook.first`. last: the newest event of each session.
    """
    lanes = connection.execute(
        "SELECT session_id, done FROM lanes WHERE webhook_id = :id", {"id": webhook.id}
    )
    done = {row["session_id"]: int(row["done"]) for row in lanes}
    behind = [
        (session_id, done.get(session_id, webhook.first))
        for session_id, number in last.items()
        if number > done.get(session_id, webhook.first) and webhook.wants(session_id)
    ]
    query = "SELECT MIN(number) AS number FROM events WHERE session_id = :session_id AND number > :after"
    found = [
        connection.execute(query, {"session_id": session_id, "after": after}).fetchone()["number"]
        for session_id, after in behind
    ]
    return min((int(number) for number in found if number is not None), default=None)
