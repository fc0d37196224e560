"""Opens databases of others, for reading only."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from store.files import check_regular

#: A database, and what SQLite keeps next to it.
SUFFIXES = ("", "-wal", "-shm", "-journal")


#: What is said of a file that holds what no text can say.
GARBAGE = "it holds bytes that are no text"


class NotADatabase(sqlite3.OperationalError):
    """A pipe, a device or a folder is in the place of a database."""


def check_database(path: Path) -> None:
    """Checks a database and what SQLite keeps next to it. Raises NotADatabase."""
    for suffix in SUFFIXES:
        try:
            check_regular(Path(f"{path}{suffix}"))
        except OSError as error:
            raise NotADatabase(str(error)) from None


@contextmanager
def read_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Yields a connection that cannot write. Raises sqlite3.Error."""
    check_database(path)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except UnicodeDecodeError:  # SQLite quotes its file when it says what is wrong with it
        raise sqlite3.DatabaseError(GARBAGE) from None
