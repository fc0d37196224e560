"""The keys of a database that needs no change, read without a thread and without an event loop."""

import sqlite3
from pathlib import Path

from store.errors import StoreError
from store.sqlite.read_only import read_database
from store.sqlite.schema import check_columns, check_schema


def known_keys(path: Path) -> dict[str, list[str]] | None:
    """Returns the scopes of each key, by the SHA-256 of its text in hex.

    None if there is no database, if its schema is not the newest one, or if it cannot be read: `open_store`
    says why, or changes that.
    """
    try:
        with read_database(path) as connection:
            check_schema(connection)
            check_columns(connection)
            rows = connection.execute("SELECT sha256, scopes FROM keys").fetchall()
    except (sqlite3.Error, StoreError):
        return None
    return {sha256: scopes.split() for sha256, scopes in rows}
