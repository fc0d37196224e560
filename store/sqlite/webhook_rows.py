"""Rows of webhooks: the table `webhooks`."""

import json
import sqlite3
from typing import Any

from store.records.webhooks import Webhook


def read_webhooks(connection: sqlite3.Connection) -> list[Webhook]:
    """Returns every webhook, the oldest first."""
    rows = connection.execute(
        """
        SELECT id, url, types, sessions, headers, secret, old_secret, old_until, give_up_after,
            disabled, failing_since, failure, first, maker, begins, version, created_at
        FROM webhooks
        ORDER BY created_at, id
        """
    )
    return [_webhook(row) for row in rows]


def read_webhook(connection: sqlite3.Connection, webhook_id: str) -> Webhook | None:
    """Returns a webhook; None if there is no such webhook."""
    row = connection.execute(
        """
        SELECT id, url, types, sessions, headers, secret, old_secret, old_until, give_up_after, disabled,
            failing_since, failure, first, maker, begins, version, created_at
        FROM webhooks
        WHERE id = :id
        """,
        {"id": webhook_id},
    ).fetchone()
    return None if row is None else _webhook(row)


def read_versions(connection: sqlite3.Connection) -> dict[str, int]:
    """Returns the version of every webhook."""
    return {row["id"]: row["version"] for row in connection.execute("SELECT id, version FROM webhooks")}


def insert_webhook(connection: sqlite3.Connection, webhook: Webhook) -> None:
    """Adds the row of a webhook."""
    connection.execute(
        """
        INSERT INTO webhooks (id, url, types, sessions, headers, secret, old_secret, old_until, give_up_after,
                              disabled, failing_since, failure, first, maker, begins, version, created_at)
        VALUES (:id, :url, :types, :sessions, :headers, :secret, :old_secret, :old_until, :give_up_after,
                :disabled, :failing_since, :failure, :first, :maker, :begins, :version, :created_at)
        """,
        _row(webhook),
    )


def update_webhook(connection: sqlite3.Connection, webhook: Webhook) -> None:
    """Writes what may change of a webhook, with what callers see of its failures."""
    connection.execute(
        """
        UPDATE webhooks
        SET url = :url, types = :types, sessions = :sessions, headers = :headers, secret = :secret,
            old_secret = :old_secret, old_until = :old_until, give_up_after = :give_up_after,
            disabled = :disabled, failing_since = :failing_since, failure = :failure, maker = :maker,
            begins = :begins, version = :version
        WHERE id = :id
        """,
        _row(webhook),
    )


def _row(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "types": _words(webhook.types),
        "sessions": _words(webhook.sessions),
        "headers": json.dumps(dict(webhook.headers)),
        "secret": webhook.secret,
        "old_secret": webhook.old_secret,
        "old_until": webhook.old_until,
        "give_up_after": webhook.give_up_after,
        "disabled": webhook.disabled,
        "failing_since": webhook.failing_since,
        "failure": webhook.failure,
        "first": webhook.first,
        "maker": webhook.maker,
        "begins": json.dumps(dict(webhook.begins)),
        "version": webhook.version,
        "created_at": webhook.created_at,
    }


def _webhook(row: sqlite3.Row) -> Webhook:
    return Webhook(
        **{
            **dict(row),
            "types": _tuple(row["types"]),
            "sessions": _tuple(row["sessions"]),
            "headers": json.loads(row["headers"]),
            "begins": json.loads(row["begins"]),
        }
    )


def _words(words: tuple[str, ...] | None) -> str | None:
    return None if words is None else " ".join(words)


def _tuple(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(text.split())
