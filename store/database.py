"""The one SQLite file, opened, migrated, read and written on a thread of its own."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Self, TypeVar, cast

import aiosqlite

from store.errors import SqliteTooOld, StoreUnavailable
from store.schema import migrate

Result = TypeVar("Result")

#: Strict tables came with it.
OLDEST_SQLITE = (3, 37, 0)

#: Seconds a transaction waits for the one of another process.
BUSY_TIMEOUT = 5.0

PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
"""

#: Errors of the file and its disk. Any other, such as SQL that does not parse, is a bug and stays what it is.
TROUBLES = {
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


class Database:
    """A connection whose transactions are closures, each run whole on the connection's thread.

    Close it in a `finally`: the thread is no daemon, and a process that forgets it never ends.
    """

    def __init__(self, connection: aiosqlite.Connection, *, boot_id: str) -> None:
        self._connection: aiosqlite.Connection | None = connection
        self.boot_id = boot_id

    @classmethod
    async def open(cls, path: Path, *, boot_id: str) -> Self:
        """The database at `path`, made or migrated where needed; its folder exists.

        Codes and leases of an earlier boot are forgotten: their clock began anew.
        Raises SchemaTooNew, SqliteTooOld, StoreUnavailable.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise SqliteTooOld
        with _troubles_translated():
            _make_private(path)
            connection = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT)
        database = cls(connection, boot_id=boot_id)
        try:
            await database._prepare()
        except BaseException:
            await database.close()
            raise
        return database

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def read(self, fn: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `fn` reads. It runs on the database's thread, outside a transaction.

        Raises StoreUnavailable.
        """
        if self._connection is None:
            raise StoreUnavailable("the database is closed")
        with _troubles_translated():
            # Not public, but what aiosqlite's own methods are made of; none of them runs a closure.
            done = self._connection._execute(fn, self._connection._conn)  # type: ignore[no-untyped-call]
            return cast("Result", await done)

    async def write(self, fn: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `fn` returns, once all that it wrote is on the disk; where it raises, nothing is.

        It runs on the database's thread, and to its end even if the caller is cancelled.
        Raises StoreUnavailable.
        """

        def transaction(connection: sqlite3.Connection) -> Result:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = fn(connection)
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise
            return result

        return await self.read(transaction)

    async def version(self) -> int:
        """A number that changes whenever another connection, of this process or another, has written."""
        return await self.read(
            lambda connection: int(connection.execute("PRAGMA data_version").fetchone()[0])
        )

    async def close(self) -> None:
        """End the connection and its thread, after what was already asked of it. May be called again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _prepare(self) -> None:
        await self.read(_settle)
        await self.write(migrate)
        await self.write(self._forget_earlier_boots)

    def _forget_earlier_boots(self, connection: sqlite3.Connection) -> None:
        this = {"boot_id": self.boot_id}
        connection.execute("DELETE FROM qrs WHERE boot_id <> :boot_id", this)
        connection.execute("DELETE FROM leases WHERE boot_id <> :boot_id", this)


def _settle(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.executescript(PRAGMAS)


def _make_private(path: Path) -> None:
    """SQLite gives its -wal and -shm the mode of the database, so that one has it first."""
    try:
        if not path.exists():
            _create(path)
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{path}{suffix}").chmod(0o600)
    except OSError as error:
        raise StoreUnavailable(f"the database cannot be used: {error}") from error


def _create(path: Path) -> None:
    """Put an empty database in its place, already in WAL mode.

    SQLite waits for nobody when it enters that mode: of several processes that find it still to be
    entered, some fail. And to open and close a file that exists would drop the locks this process has on it.
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


@contextmanager
def _troubles_translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0)  # what the module itself refuses has none
        if code & 0xFF not in TROUBLES:
            raise
        raise StoreUnavailable(f"the database cannot be used: {error}") from error
