"""The rows of `keys`, read inside the caller's transaction."""

import sqlite3

from store.records.keys import Key


def read_key(connection: sqlite3.Connection, sha256_hex: str) -> Key | None:
    """The key whose text has that digest."""
    row = connection.execute(
        """
        SELECT name, scopes, sessions, created_at, last_used_at, first_event
        FROM keys
        WHERE sha256 = :sha256
        """,
        {"sha256": sha256_hex},
    ).fetchone()
    return key_of(row) if row else None


def key_of(row: sqlite3.Row) -> Key:
    """The key of a row, which has every column but the digest."""
    return Key(
        name=row["name"],
        scopes=tuple(row["scopes"].split()),
        sessions=None if row["sessions"] is None else tuple(row["sessions"].split()),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        first_event=row["first_event"],
    )
