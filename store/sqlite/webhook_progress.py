"""What a deliverer has done, inside a transaction of the caller: see WebhookStore.keep."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from store.records.webhooks import DeadLetter, Lane, Progress, Try, Webhook

#: Tries of one webhook that are kept.
MAX_TRIES = 200


def keep(connection: sqlite3.Connection, progress: Progress) -> None:
    """Writes the progress, but none of webhooks that are gone, and of lanes that were replayed meanwhile."""
    _keep_lanes(connection, progress.lanes.values())
    for letter, version in progress.dead:
        _keep_dead(connection, letter, version)
    for letter, version in progress.failed_again:
        _keep_failed_again(connection, letter, version)
    for webhook_id, event in progress.arrived:
        connection.execute(
            "DELETE FROM dead WHERE webhook_id = :webhook_id AND event = :event",
            {"webhook_id": webhook_id, "event": event},
        )
    _keep_tries(connection, progress.tries)
    for webhook_id in {one.webhook_id for one in progress.tries}:
        _forget_tries(connection, webhook_id)
    for webhook in progress.shown.values():
        _show(connection, webhook)


def _keep_lanes(connection: sqlite3.Connection, lanes: Iterable[Lane]) -> None:
    """A front that led before, and stood still meanwhile, sets no cursor back."""
    connection.executemany(
        """
        INSERT INTO lanes (webhook_id, session_id, done, tries, next_at, error, since, version)
        SELECT id, :session_id, :done, :tries, :next_at, :error, :since, :version
        FROM webhooks
        WHERE id = :webhook_id
        ON CONFLICT (webhook_id, session_id) DO UPDATE
        SET done = excluded.done, tries = excluded.tries, next_at = excluded.next_at, error = excluded.error,
            since = excluded.since
        WHERE lanes.version = excluded.version AND lanes.done <= excluded.done
        """,
        map(_row_of, lanes),
    )


def _keep_dead(connection: sqlite3.Connection, letter: DeadLetter, version: int) -> None:
    """version: that of the lane. If it is replayed, the event is on its way again."""
    connection.execute(
        """
        INSERT INTO dead (webhook_id, event, session_id, tries, error, at, replay)
        SELECT webhook_id, :event, session_id, :tries, :error, :at, 0
        FROM lanes
        WHERE webhook_id = :webhook_id AND session_id = :session_id AND version = :version
        ON CONFLICT (webhook_id, event) DO UPDATE
        SET tries = excluded.tries, error = excluded.error, at = excluded.at, replay = 0
        """,
        {**_row_of(letter), "version": version},
    )


def _keep_failed_again(connection: sqlite3.Connection, letter: DeadLetter, version: int) -> None:
    """version: that of the webhook. Under another one, a caller may have requested one more try since."""
    connection.execute(
        """
        UPDATE dead
        SET tries = :tries, error = :error, at = :at,
            replay = CASE
                WHEN (SELECT version FROM webhooks WHERE id = :webhook_id) = :version THEN 0
                ELSE replay
            END
        WHERE webhook_id = :webhook_id AND event = :event
        """,
        {**_row_of(letter), "version": version},
    )


def _keep_tries(connection: sqlite3.Connection, tries: Iterable[Try]) -> None:
    connection.executemany(
        """
        INSERT INTO tries (webhook_id, event_id, type, session_id, ordinal, at, took, status, error)
        SELECT id, :event_id, :type, :session_id, :ordinal, :at, :took, :status, :error
        FROM webhooks
        WHERE id = :webhook_id
        """,
        map(_row_of, tries),
    )


def _forget_tries(connection: sqlite3.Connection, webhook_id: str) -> None:
    connection.execute(
        """
        DELETE FROM tries
        WHERE webhook_id = :webhook_id
        AND number <= (
            SELECT number
            FROM tries
            WHERE webhook_id = :webhook_id
            ORDER BY number DESC
            LIMIT 1 OFFSET :kept
        )
        """,
        {"webhook_id": webhook_id, "kept": MAX_TRIES},
    )


def _show(connection: sqlite3.Connection, webhook: Webhook) -> None:
    """Shows since when nothing arrives at the URL of a webhook, and why, or that deliveries arrive."""
    connection.execute(
        """
        UPDATE webhooks
        SET failing_since = :since, failure = :failure
        WHERE id = :id AND url = :url
        """,
        {
            "since": webhook.failing_since,
            "failure": webhook.failure,
            "id": webhook.id,
            "url": webhook.url,
        },
    )


def _row_of(record: Lane | DeadLetter | Try) -> dict[str, Any]:
    """Returns the columns of a record. `asdict` copies each value, and the event loop waits meanwhile."""
    return {field: getattr(record, field) for field in record.__slots__}
