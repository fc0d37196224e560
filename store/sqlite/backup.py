"""Copies of databases that other processes may be writing, without disturbing them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from store.errors import StoreUnavailable
from store.sqlite.integrity import complaints


class Entry(NamedTuple):
    """What a session's row says that must agree with its credentials."""

    id: str
    status: str
    phone_number: str | None


def copy_of(path: Path) -> bytes:
    """The database as of one moment, what is only in its log included.

    Raises StoreUnavailable, where it is damaged too: SQLite copies pages without a look at them.
    Raises FileNotFoundError.
    """
    with _reading(path) as source, closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        if damage := complaints(copy):
            raise StoreUnavailable(f"{path} is damaged: {'; '.join(damage)}")
        return copy.serialize()


def roll(path: Path) -> list[Entry]:
    """The sessions of the record, whatever its schema. Raises StoreUnavailable, FileNotFoundError."""
    with _reading(path) as source:
        rows = source.execute("SELECT id, status, phone_number FROM sessions ORDER BY id").fetchall()
    return [Entry(*row) for row in rows]


def fold_log(path: Path) -> None:
    """Take what the write-ahead log holds into the file, so that the file alone is the whole."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    path.stat()
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path} cannot be read: {error}") from None
