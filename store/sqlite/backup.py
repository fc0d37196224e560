"""Copies of databases that other processes may be writing; the copy does not disturb them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from store.errors import StoreUnavailable
from store.sqlite.integrity import complaints
from store.sqlite.read_only import check_database, read_database


class Entry(NamedTuple):
    """The columns of a session that must agree with its credentials."""

    id: str
    status: str
    phone_number: str | None


def copy_database(path: Path) -> bytes:
    """Returns the database as of one moment, with what is only in its write-ahead log.

    Raises StoreUnavailable, also if it is damaged: SQLite copies pages without a check.
    Raises FileNotFoundError.
    """
    with _reading(path) as source, closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        if damage := complaints(copy):
            raise StoreUnavailable(f"{path} is damaged: {'; '.join(damage)}")
        return copy.serialize()


def read_entries(path: Path) -> list[Entry]:
    """Returns the sessions of a database of any schema. Raises StoreUnavailable, FileNotFoundError."""
    with _reading(path) as source:
        rows = source.execute("SELECT id, status, phone_number FROM sessions ORDER BY id").fetchall()
    return [Entry(*row) for row in rows]


def read_key_names(path: Path) -> list[str]:
    """Returns the names of the API keys of a database. Raises StoreUnavailable, FileNotFoundError."""
    with _reading(path) as source:
        return [name for (name,) in source.execute("SELECT name FROM keys ORDER BY name")]


def checkpoint(path: Path) -> None:
    """Moves the content of the write-ahead log into the file, so that the file alone is complete."""
    check_database(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    path.stat()
    try:
        with read_database(path) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path} cannot be read: {error}") from None
