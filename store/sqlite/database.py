"""The one SQLite file, opened, migrated, read on one thread and written on another."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Self, TypeVar, cast

import aiosqlite

from store.errors import SqliteTooOld, StoreUnavailable
from store.sqlite.schema import migrate

Result = TypeVar("Result")

#: Strict tables came with it.
OLDEST_SQLITE = (3, 37, 0)

#: Seconds a write waits, from when it was asked, while another process writes.
BUSY_TIMEOUT = 5.0
#: Seconds that even one has which waited longer than that behind others of this process.
LEAST_TIMEOUT = 0.02

PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
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
    """Two connections whose transactions are closures, each run whole on its connection's thread.

    Close it in a `finally`: the threads are no daemons, and a process that forgets them never ends.
    """

    def __init__(self, path: Path, *, boot_id: str) -> None:
        self._path = path
        self.boot_id = boot_id
        #: Reads have a connection of their own: they wait for no writer, of this process or another.
        self._reader: aiosqlite.Connection | None = None
        self._writer: aiosqlite.Connection | None = None

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
        database = cls(path, boot_id=boot_id)
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
        """What `fn` reads. It runs on the reading thread, outside a transaction.

        Raises StoreUnavailable.
        """
        return await _run(self._reader, fn)

    async def write(self, fn: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `fn` returns, once all that it wrote is on the disk; where it raises, nothing is.

        It runs on the writing thread, and to its end even if the caller is cancelled.
        Raises StoreUnavailable; where another process does not let go, for all who wait at the same time.
        """
        until = time.monotonic() + BUSY_TIMEOUT

        def transaction(connection: sqlite3.Connection) -> Result:
            _wait_for_others(connection, until)
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = fn(connection)
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise
            return result

        return await _run(self._writer, transaction)

    async def version(self) -> int:
        """A number that changes whenever somebody has written, this process or another."""
        return await self.read(
            lambda connection: int(connection.execute("PRAGMA data_version").fetchone()[0])
        )

    async def check(self) -> None:
        """It can be written now, and what is on the disk is a database. Raises StoreUnavailable."""
        await self.write(_write_something)
        await self.read(self._look_at_the_disk)

    async def close(self) -> None:
        """End the connections and their threads, after what was already asked. May be called again."""
        connections = [connection for connection in (self._reader, self._writer) if connection is not None]
        self._reader = self._writer = None
        # Told to stop before anything is awaited: who is cancelled here leaves no thread behind.
        stopped = [connection.stop() for connection in connections]
        await asyncio.gather(*(future for future in stopped if future is not None))

    async def _prepare(self) -> None:
        self._writer = await _connect(self._path)
        await self.write(migrate)
        await self.write(self._forget_earlier_boots)
        self._reader = await _connect(self._path)
        await self.read(_only_read)

    def _look_at_the_disk(self, _: sqlite3.Connection) -> None:
        """By a connection that remembers no page."""
        with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("SELECT EXISTS (SELECT * FROM sessions)").fetchone()

    def _forget_earlier_boots(self, connection: sqlite3.Connection) -> None:
        this = {"boot_id": self.boot_id}
        connection.execute("DELETE FROM qrs WHERE boot_id <> :boot_id", this)
        connection.execute("DELETE FROM leases WHERE boot_id <> :boot_id", this)


async def _connect(path: Path) -> aiosqlite.Connection:
    with _troubles_translated():
        connection = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT)
    try:
        await _run(connection, _settle)
    except BaseException:
        await connection.close()
        raise
    return connection


async def _run(connection: aiosqlite.Connection | None, fn: Callable[[sqlite3.Connection], Result]) -> Result:
    if connection is None:
        raise StoreUnavailable("the database is closed")
    with _troubles_translated():
        # Not public, but what aiosqlite's own methods are made of; none of them runs a closure.
        return cast("Result", await connection._execute(fn, connection._conn))  # type: ignore[no-untyped-call]


def _wait_for_others(connection: sqlite3.Connection, until: float) -> None:
    """until: monotonic. Writes take turns on one thread: with a time-out each, their waits would add up."""
    left = max(until - time.monotonic(), LEAST_TIMEOUT)
    connection.execute(f"PRAGMA busy_timeout = {round(left * 1000)}").fetchall()


def _write_something(connection: sqlite3.Connection) -> None:
    """An empty transaction would succeed on a full disk."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.execute(f"PRAGMA user_version = {version}")


def _only_read(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")


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
