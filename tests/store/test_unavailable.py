"""A database that is locked, full, damaged or closed: the store is unavailable."""

import asyncio
import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from store.errors import StoreUnavailable
from store.sqlite import database as module
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from tests.store.connections import count_keys, insert_key, no_thread_is_left, put
from tests.store.samples import session


async def test_a_database_that_another_process_keeps_locked_is_unavailable(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_SECONDS", 0.0)
    async with await Database.open(path, boot_id="boot-1") as database:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreUnavailable, match="locked"):
            await database.write(insert_key)

        other.close()
        await database.write(insert_key)


async def test_writes_that_wait_for_another_process_wait_together_and_reads_go_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_SECONDS", 0.5)
    async with await Database.open(path, boot_id="boot-1") as database:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            begun = time.monotonic()
            writes = [asyncio.create_task(database.write(insert_key)) for _ in range(8)]
            assert await database.read(count_keys) == 0
            ends = await asyncio.gather(*writes, return_exceptions=True)
        assert {type(end) for end in ends} == {StoreUnavailable}
        assert time.monotonic() - begun < 2.0  # one after the other they would take 4


async def test_a_write_that_waits_for_another_process_goes_on_when_that_lets_go(
    database: Database, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        write = asyncio.create_task(database.write(insert_key))
        await database.read(count_keys)
        other.execute("COMMIT")
    await write
    assert await database.read(count_keys) == 1


async def test_a_check_finds_a_full_disk(database: Database) -> None:
    await database.check()
    with room_for_no_more():
        with pytest.raises(StoreUnavailable):
            await database.check()
        assert await database.read(count_keys) == 0
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
    put(path, b"no database, but longer than the header that one has" * 20)

    with pytest.raises(StoreUnavailable, match="not a database"):
        await Database.open(path, boot_id="boot-1")

    assert no_thread_is_left()


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
        await database.read(count_keys)
    assert no_thread_is_left()


@contextmanager
def room_for_no_more() -> Iterator[None]:
    """Lets no file of this process grow. Python ignores the signal, so a write raises an error."""
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
