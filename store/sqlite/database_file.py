"""The file of the database, before SQLite opens it."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import mkstemp

from store.errors import StoreUnavailable
from store.files import check_regular
from store.sqlite.read_only import SUFFIXES


def prepare_file(path: Path) -> None:
    """Makes the database if it is missing, and readable by its owner alone. Raises StoreUnavailable.

    SQLite gives the -wal and -shm that it makes the mode of the database.
    """
    try:
        for suffix in SUFFIXES:
            check_regular(Path(f"{path}{suffix}"))
        if not path.exists():
            _create(path)
        for suffix in SUFFIXES:
            with suppress(FileNotFoundError):
                Path(f"{path}{suffix}").chmod(0o600)
    except OSError as error:
        raise StoreUnavailable(f"the database cannot be used: {error}") from error


def _create(path: Path) -> None:
    """Puts an empty database in its place, already in WAL mode.

    SQLite does not wait for other processes when it enters that mode: if several try, some fail. And to
    open and close a file that exists would drop the locks that this process has on it.
    """
    number, name = mkstemp(prefix=f"{path.name}.", dir=path.parent)
    os.close(number)
    draft = Path(name)
    try:
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
