"""Checks of a database file, which change nothing."""

import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from store.errors import StoreUnavailable
from store.sqlite.read_only import read_database
from store.sqlite.schema import MIGRATIONS

#: The schema that this version of Motte writes.
NEWEST_SCHEMA = len(MIGRATIONS)

#: How many complaints of SQLite are shown; a damaged file has many that are alike.
COMPLAINTS_LIMIT = 3


class Inspection(NamedTuple):
    """The result of a check."""

    #: `PRAGMA user_version`.
    schema: int
    #: What SQLite says about the file; empty: it is sound.
    damage: list[str]


class WebhookTrouble(NamedTuple):
    """A webhook that fails or is disabled."""

    id: str
    #: Why it is disabled; None if it is not.
    disabled: str | None
    #: Why its last try failed.
    failure: str


def inspect(path: Path) -> Inspection:
    """Checks a file. Raises StoreUnavailable if it cannot be read at all."""
    try:
        with read_database(path) as connection:
            (schema,) = connection.execute("PRAGMA user_version").fetchone()
            damage = complaints(connection)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the database cannot be read: {error}") from None
    return Inspection(schema, damage)


def complaints(connection: sqlite3.Connection) -> list[str]:
    """Returns what SQLite says about a whole database; empty: it is sound. Raises sqlite3.Error."""
    said = [row[0] for row in connection.execute(f"PRAGMA quick_check({COMPLAINTS_LIMIT})")]
    return [] if said == ["ok"] else said


def count_proxies(path: Path) -> int:
    """Counts the sessions with a proxy of their own; 0 if the schema is older, or the file cannot be read."""
    return _count(path, "SELECT COUNT(*) FROM sessions WHERE proxy IS NOT NULL")


def count_webhooks(path: Path) -> int:
    """Counts the webhooks, those that are disabled included; 0 likewise."""
    return _count(path, "SELECT COUNT(*) FROM webhooks")


def webhooks_in_trouble(path: Path) -> list[WebhookTrouble]:
    """Returns the webhooks that fail or are disabled, the oldest first; none likewise."""
    query = """
        SELECT id, disabled, COALESCE(failure, '')
        FROM webhooks
        WHERE disabled IS NOT NULL OR failing_since IS NOT NULL
        ORDER BY created_at, id
    """
    return [WebhookTrouble(*row) for row in _rows(path, query)]


def _count(path: Path, query: str) -> int:
    rows = _rows(path, query)
    return int(rows[0][0]) if rows else 0


def _rows(path: Path, query: str) -> list[Any]:
    try:
        with read_database(path) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error:
        return []
