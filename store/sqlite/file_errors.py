"""Errors of the database's file and disk, as errors of the store."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from store.errors import StoreUnavailable
from store.sqlite.read_only import GARBAGE
from store.sqlite.schema import damaged

#: Errors of the file and its disk. Any other error, such as SQL that does not parse, is a bug.
FILE_ERRORS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}

#: The file is not what SQLite or Motte wrote.
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def file_errors_translated() -> Iterator[None]:
    """Raises StoreUnavailable instead of the errors of the file. A bug stays the error that it is."""
    try:
        yield
    except UnicodeDecodeError:  # SQLite quotes its file when it says what is wrong with it
        raise StoreUnavailable(damaged(GARBAGE)) from None
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", None)  # an error of the module itself has none
        if code is None and str(error).startswith("Could not decode"):  # the rest quotes the text
            raise StoreUnavailable(damaged(GARBAGE)) from None
        if code is None or code & 0xFF not in FILE_ERRORS:
            raise
        if code & 0xFF in DAMAGE:
            raise StoreUnavailable(damaged(str(error))) from error
        raise StoreUnavailable(f"the database cannot be used: {error}") from error
