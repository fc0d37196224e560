"""The database: its files, its transactions, its refusals."""

import asyncio
import re
import resource
import sqlite3
import sys
import threading
import time
from asyncio.subprocess import create_subprocess_exec
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from store.errors import SchemaTooNew, SchemaTooOld, SqliteTooOld, StoreUnavailable
from store.records.sessions import Session
from store.sqlite import database as module
from store.sqlite import schema
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from tests.store.samples import QR, change, session

OPEN = """
import asyncio, pathlib, sys
from store.sqlite.database import Database
async def main():
    await (await Database.open(pathlib.Path(sys.argv[1]), boot_id="boot-1")).close()
asyncio.run(main())
"""


async def test_the_files_can_be_read_by_their_owner_alone_even_if_one_was_there(path: Path) -> None:
    _put(path, b"")

    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).sessions.add(session())
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}

    assert modes == {"motte.db": "0o600", "motte.db-wal": "0o600", "motte.db-shm": "0o600"}


async def test_making_a_database_leaves_no_other_file_behind(path: Path) -> None:
    async with await Database.open(path, boot_id="boot-1"):
        pass

    assert [file.name for file in path.parent.iterdir()] == ["motte.db"]


async def test_the_writer_closes_after_the_reader_so_that_one_of_them_is_the_last(path: Path) -> None:
    database = await Database.open(path, boot_id="boot-1")
    writer, is_over = database._writer, threading.Event()
    reading = asyncio.create_task(database.read(lambda _: is_over.wait()))
    await asyncio.sleep(0)  # it is read now
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    try:
        assert await module._run(writer, lambda connection: connection.in_transaction) is False
    finally:
        is_over.set()
        await asyncio.gather(reading, closing)
    assert _no_thread_is_left()


async def test_what_is_committed_survives_a_power_cut(database: Database) -> None:
    assert await database.read(_pragma("journal_mode")) == "wal"
    assert await database.read(_pragma("synchronous")) == 2  # FULL


async def test_what_was_written_is_there_when_it_is_opened_again(path: Path) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).sessions.add(session(qr=QR))

    async with await Database.open(path, boot_id="boot-1") as database:
        assert await SqliteStore(database).sessions.all() == [session(qr=QR)]


async def test_several_processes_may_make_the_database_at_once(path: Path) -> None:
    openers = [await create_subprocess_exec(sys.executable, "-c", OPEN, str(path)) for _ in range(4)]

    assert [await opener.wait() for opener in openers] == [0, 0, 0, 0]


async def test_codes_and_leases_of_an_earlier_boot_are_forgotten(path: Path) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).sessions.add(session(qr=QR))
        await SqliteStore(database).leases.take("shop", owner="front", now=100.0, ttl=15.0)

    async with await Database.open(path, boot_id="boot-2") as database:
        assert await SqliteStore(database).sessions.all() == [session(qr=None)]
        assert await SqliteStore(database).leases.take("shop", owner="front", now=1.0, ttl=15.0) == 2


async def test_a_database_of_a_newer_motte_is_refused_and_left_alone(path: Path) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).sessions.add(session(qr=QR))
        await database.write(lambda connection: connection.execute("PRAGMA user_version = 999").close())

    with pytest.raises(SchemaTooNew, match="999"):
        await Database.open(path, boot_id="boot-2")

    assert _no_thread_is_left()
    assert _look(path, "SELECT count(*) FROM qrs") == 1


async def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "0002_broken.sql"
    broken.write_text("CREATE TABLE half (id TEXT);\nCREATE TABLE half (id TEXT);\n")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, broken])

    with pytest.raises(StoreUnavailable, match="half already exists"):
        await Database.open(path, boot_id="boot-1")

    assert _look(path, "SELECT count(*) FROM sqlite_schema") == 0


async def test_a_database_of_an_older_motte_is_brought_up_to_date_with_what_it_holds(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        await SqliteStore(database).sessions.add(session())
    newer = tmp_path / "0002_newer.sql"
    newer.write_text("CREATE TABLE hooks (id TEXT);\n")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, newer])

    async with await Database.open(path, boot_id="boot-1") as database:
        assert await SqliteStore(database).sessions.all() == [session()]
        assert await database.read(_pragma("user_version")) == len(schema.MIGRATIONS)


async def test_a_process_that_may_not_migrate_refuses_an_older_schema_and_leaves_it_alone(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        known = len(schema.MIGRATIONS)
        assert await database.read(_pragma("user_version")) == known
    async with await Database.open(path, boot_id="boot-1", migrates=False):
        pass
    newer = tmp_path / "9999_newer.sql"
    newer.write_text("CREATE TABLE newer (id TEXT);\n")
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, newer])

    with pytest.raises(SchemaTooOld, match=f"schema {known}, .* needs {known + 1}"):
        async with await Database.open(path, boot_id="boot-1", migrates=False):
            pass

    assert _no_thread_is_left()
    assert _look(path, "PRAGMA user_version") == known


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [int(file.name.partition("_")[0]) for file in schema.MIGRATIONS]

    assert numbers == list(range(1, len(numbers) + 1))


def test_a_migration_begins_with_its_reason() -> None:
    for file in schema.MIGRATIONS:
        assert re.match(r"-- [A-Z](.|\n-- )+\.\n\n", file.read_text()), file


async def test_a_sqlite_without_strict_tables_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))

    with pytest.raises(SqliteTooOld):
        await Database.open(path, boot_id="boot-1")


async def test_a_write_that_raises_leaves_nothing_behind_and_nothing_locked(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO keys (name, sha256, scopes, created_at) VALUES ('bot', '1', '', 1)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(half)

    assert await database.read(_keys) == 0
    await database.write(_insert_key)


async def test_a_write_whose_caller_is_gone_still_ends_whole(database: Database) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        begun.set()
        goes_on.wait(5)
        _insert_key(connection)

    caller = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait, 5)
    caller.cancel()
    goes_on.set()
    await database.write(lambda connection: None)  # Writes end in the order in which they were asked.

    assert await database.read(_keys) == 1


async def test_a_session_changed_through_two_connections_at_once_loses_no_change(
    database: Database, path: Path
) -> None:
    await SqliteStore(database).sessions.add(session())

    async with await Database.open(path, boot_id="boot-1") as another:
        stores = [SqliteStore(database), SqliteStore(another)] * 25
        await asyncio.gather(*(change(one, _hear_one_more) for one in stores))

    found = await SqliteStore(database).sessions.get("shop")
    assert found is not None
    assert found.have == 50


async def test_a_database_that_another_process_keeps_locked_is_unavailable(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_SECONDS", 0.0)
    async with await Database.open(path, boot_id="boot-1") as database:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreUnavailable, match="locked"):
            await database.write(_insert_key)

        other.close()
        await database.write(_insert_key)


async def test_writes_that_wait_for_another_process_wait_together_and_reads_go_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_SECONDS", 0.5)
    async with await Database.open(path, boot_id="boot-1") as database:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            begun = time.monotonic()
            writes = [asyncio.create_task(database.write(_insert_key)) for _ in range(8)]
            assert await database.read(_keys) == 0
            ends = await asyncio.gather(*writes, return_exceptions=True)
        assert {type(end) for end in ends} == {StoreUnavailable}
        assert time.monotonic() - begun < 2.0  # one after the other they would take 4


async def test_a_write_that_waits_for_another_process_goes_on_when_that_lets_go(
    database: Database, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        write = asyncio.create_task(database.write(_insert_key))
        await database.read(_keys)
        other.execute("COMMIT")
    await write
    assert await database.read(_keys) == 1


async def test_a_check_finds_a_full_disk(database: Database) -> None:
    await database.check()
    with room_for_no_more():
        with pytest.raises(StoreUnavailable):
            await database.check()
        assert await database.read(_keys) == 0
    await database.check()


async def test_a_check_finds_a_file_that_was_overwritten(path: Path) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        _spoil(path)
        with pytest.raises(StoreUnavailable):
            await database.check()


async def test_a_full_disk_is_unavailable_and_its_write_is_undone(database: Database) -> None:
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1").close())

    with pytest.raises(StoreUnavailable, match="full"):
        await SqliteStore(database).sessions.add(session(name="n" * 100_000))

    assert await SqliteStore(database).sessions.all() == []


async def test_a_database_that_cannot_be_written_is_unavailable(database: Database) -> None:
    await database.write(lambda connection: connection.execute("PRAGMA query_only = ON").close())

    with pytest.raises(StoreUnavailable, match="readonly"):
        await SqliteStore(database).sessions.add(session())


async def test_a_damaged_file_is_unavailable(path: Path) -> None:
    _put(path, b"no database, but longer than the header that one has" * 20)

    with pytest.raises(StoreUnavailable, match="not a database"):
        await Database.open(path, boot_id="boot-1")

    assert _no_thread_is_left()


async def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file"):
        await Database.open(tmp_path / "nowhere" / "motte.db", boot_id="boot-1")


@pytest.mark.parametrize(
    ("query", "error"),
    [("SELECT * FROM nowhere", sqlite3.OperationalError), ("SELECT :missing", sqlite3.ProgrammingError)],
)
async def test_a_mistake_in_sql_is_a_bug_and_not_an_unavailable_database(
    database: Database, query: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await database.read(lambda connection: connection.execute(query, {}))


async def test_a_closed_database_is_unavailable_and_may_be_closed_again(database: Database) -> None:
    await database.close()
    await database.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        await database.read(_keys)
    assert _no_thread_is_left()


async def test_closing_ends_the_thread_even_if_whoever_closes_is_cancelled(path: Path) -> None:
    database = await Database.open(path, boot_id="boot-1")
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])

    assert _no_thread_is_left()


@contextmanager
def room_for_no_more() -> Iterator[None]:
    """No file of this process can grow; Python has it told so by an error, not by a signal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _spoil(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"no database at all " * 1000)
    Path(f"{path}-wal").write_bytes(b"")


def _hear_one_more(before: Session) -> Session:
    return replace(before, have=before.have + 1)


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o644)


def _insert_key(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO keys (name, sha256, scopes, created_at) VALUES ('bot', '1', '', 1)")


def _keys(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM keys").fetchone()
    return int(count)


def _pragma(name: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0]


def _look(path: Path, query: str) -> object:
    """What the file holds, read with SQLite alone."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchone()[0]
    finally:
        connection.close()


def _no_thread_is_left() -> bool:
    """Whether the threads of all databases end. A zombie is given 5 seconds."""
    threads = [thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]
    for thread in threads:
        thread.join(5)
    return not any(thread.is_alive() for thread in threads)
