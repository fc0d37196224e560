"""The SQLite file: opened, migrated, read on one thread and written on another."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar, cast

import aiosqlite

from store.errors import SqliteTooOld, StoreUnavailable
from store.sqlite.data_version import DataVersion
from store.sqlite.database_file import prepare_file
from store.sqlite.event_rows import begin_log
from store.sqlite.file_errors import file_errors_translated
from store.sqlite.group_commit import GroupCommit, Write
from store.sqlite.read_only import read_database
from store.sqlite.schema import check_columns, check_schema, damaged, migrate
from store.sqlite.write_lock import begin

Result = TypeVar("Result")

#: The first version with strict tables.
OLDEST_SQLITE = (3, 37, 0)

#: How long a write waits for another process that writes, from the moment at which it was asked for.
BUSY_TIMEOUT_SECONDS = 5.0

PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
"""


class Database:
    """Two connections. A transaction is a closure, which runs as a whole on the thread of its connection.

    A third connection, of the event loop, only says whether anybody has committed.

    Close it in a `finally`: the threads are not daemons, and a process that leaves them open never ends.
    """

    def __init__(self, path: Path, *, boot_id: str) -> None:
        self._path = path
        self.boot_id = boot_id
        #: The event loop that it was opened in.
        self.loop = asyncio.get_running_loop()
        #: Called on the writing thread after each commit.
        self.on_commit: Callable[[], None] = _nothing
        #: Called on the writing thread after each transaction that failed.
        self.on_rollback: Callable[[], None] = _nothing
        #: Called on the writing thread before each write, of which a transaction may have several.
        self.on_write: Callable[[], None] = _nothing
        #: Called on the writing thread after a write that was undone, and others of its transaction not.
        self.on_undo: Callable[[], None] = _nothing
        self._writes = GroupCommit(self, begin)
        #: Reads have a connection of their own, so that they wait for no writer of any process.
        self._reader: aiosqlite.Connection | None = None
        self._writer: aiosqlite.Connection | None = None
        self._data_version: DataVersion | None = None

    @classmethod
    async def open(cls, path: Path, *, boot_id: str, migrates: bool = True) -> Self:
        """Opens the database at `path`, and creates or migrates it if needed. Its folder must exist.

        Deletes codes and leases of an earlier boot, because their clock started again.
        migrates: False for a process that must not change the schema beneath another one.
        Raises SchemaTooNew, SchemaTooOld (only if it may not migrate), SqliteTooOld, StoreUnavailable.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise SqliteTooOld
        with file_errors_translated():
            prepare_file(path)
        database = cls(path, boot_id=boot_id)
        try:
            await database._prepare(migrate if migrates else check_schema)
        except BaseException:
            await database.close()
            raise
        return database

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def read(self, fn: Callable[[sqlite3.Connection], Result]) -> Result:
        """Returns what `fn` reads. It runs on the reading thread, outside a transaction.

        Raises StoreUnavailable.
        """
        return await _run(self._reader, fn)

    async def write(self, fn: Callable[[sqlite3.Connection], Result]) -> Result:
        """Returns what `fn` returns, once all that it wrote is on the disk; if it raises, nothing is.

        It runs on the writing thread, and to its end even if the caller is cancelled. Writes that wait for
        that thread at the same time share one commit. Raises StoreUnavailable; if another process keeps its
        lock, all that wait get it at the same time.
        """
        write = Write(fn, until=time.monotonic() + BUSY_TIMEOUT_SECONDS)
        self._writes.add(write)
        try:
            await _run(self._writer, self._writes.run)
        except StoreUnavailable:  # the database is closed
            self._writes.discard(write)
            raise
        with file_errors_translated():
            return write.result()

    def data_version(self) -> int | None:
        """A number that changes with every commit, of this process or another; None if it is not known.

        It waits for nothing. Not to be compared with that of `version`.
        """
        return None if self._data_version is None else self._data_version.now()

    async def version(self) -> int:
        """A number that changes with every write, of this process or another."""
        return await self.read(
            lambda connection: int(connection.execute("PRAGMA data_version").fetchone()[0])
        )

    async def check(self) -> None:
        """Raises StoreUnavailable, unless the file can be written now and is a database on the disk."""
        await self.write(_write_something)
        await self.read(self._look_at_the_disk)

    async def close(self) -> None:
        """Closes the connections and ends their threads, after all pending work. May be called again.

        The writer closes last and removes the -wal. Of two that close at the same time neither may do so.
        """
        reader, writer = self._reader, self._writer
        self._reader = self._writer = None
        if self._data_version is not None:
            self._data_version.close()
        try:
            await _stopped(reader)
        finally:  # A caller that is cancelled here leaves no thread.
            await _stopped(writer)

    async def _prepare(self, meet_schema: Callable[[sqlite3.Connection], None]) -> None:
        """meet_schema: what makes the schema the newest one, or refuses any other."""
        self._writer = await _connect(self._path)
        try:
            await self.write(meet_schema)
            await self.write(check_columns)
            await self.write(self._prepare_rows)
        except sqlite3.DatabaseError as error:  # the statements are right, so the names in the file are not
            raise StoreUnavailable(damaged(str(error))) from error
        self._reader = await _connect(self._path)
        await self.read(_only_read)
        with file_errors_translated():
            self._data_version = DataVersion(_connect_to_look(self._path))

    def _look_at_the_disk(self, _: sqlite3.Connection) -> None:
        """Reads through a connection that has no page in its cache."""
        with read_database(self._path) as connection:
            connection.execute("SELECT EXISTS (SELECT * FROM sessions)").fetchone()

    def _prepare_rows(self, connection: sqlite3.Connection) -> None:
        begin_log(connection)
        this = {"boot_id": self.boot_id}
        connection.execute("DELETE FROM qrs WHERE boot_id <> :boot_id", this)
        connection.execute("DELETE FROM leases WHERE boot_id <> :boot_id", this)


def _nothing() -> None:
    pass


async def _connect(path: Path) -> aiosqlite.Connection:
    with file_errors_translated():
        connection = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS)
    try:
        await _run(connection, _configure)
    except BaseException:
        await connection.close()
        raise
    return connection


def _connect_to_look(path: Path) -> sqlite3.Connection:
    """Returns a connection that cannot write, and waits for no lock."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0, isolation_level=None)


async def _stopped(connection: aiosqlite.Connection | None) -> None:
    """Closes a connection and ends its thread, after all pending work."""
    stopped = None if connection is None else connection.stop()
    if stopped is not None:
        await stopped


async def _run(connection: aiosqlite.Connection | None, fn: Callable[[sqlite3.Connection], Result]) -> Result:
    if connection is None:
        raise StoreUnavailable("the database is closed")
    with file_errors_translated():
        # Not public, but aiosqlite's own methods are built on it; none of them runs a closure.
        return cast("Result", await connection._execute(fn, connection._conn))  # type: ignore[no-untyped-call]


def _write_something(connection: sqlite3.Connection) -> None:
    """Writes a value that is there already. An empty transaction would succeed on a full disk."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.execute(f"PRAGMA user_version = {version}")


def _only_read(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")


def _configure(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.executescript(PRAGMAS)
