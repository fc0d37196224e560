"""Writes that wait for the disk together."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing

import pytest

from store.errors import StoreUnavailable
from store.sqlite.database import Database
from store.sqlite.group_commit import MAX_AT_ONCE, GroupCommit, Write


def insert(name: str) -> Callable[[sqlite3.Connection], str]:
    def fn(connection: sqlite3.Connection) -> str:
        connection.execute(
            "INSERT INTO keys (name, sha256, scopes, created_at) VALUES (:name, :name, '', 1)", {"name": name}
        )
        return name

    return fn


async def names(database: Database) -> list[str]:
    return await database.read(
        lambda connection: [row["name"] for row in connection.execute("SELECT name FROM keys ORDER BY rowid")]
    )


class Commits:
    """Counts the commits of a database."""

    def __init__(self, database: Database) -> None:
        self.number = 0
        database.on_commit = self._count

    def _count(self) -> None:
        self.number += 1


@asynccontextmanager
async def busy(database: Database) -> AsyncGenerator[None]:
    """The disk is busy with a write until the block ends."""
    goes_on = threading.Event()
    begun = threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        begun.set()
        goes_on.wait(5)

    writing = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait, 5)
    yield
    goes_on.set()
    await writing


async def asked(database: Database, *fns: Callable[[sqlite3.Connection], str]) -> list[asyncio.Task[str]]:
    """The writes, once all of them wait."""
    tasks = [asyncio.create_task(database.write(fn)) for fn in fns]
    await asyncio.sleep(0)
    return tasks


async def test_writes_that_wait_together_share_a_commit_and_each_gets_its_own_result(
    database: Database,
) -> None:
    commits = Commits(database)
    async with busy(database):
        tasks = await asked(database, *(insert(name) for name in "abcde"))
    assert await asyncio.gather(*tasks) == list("abcde")
    assert await names(database) == list("abcde")
    assert commits.number == 2


async def test_a_commit_takes_in_so_many_writes_and_no_more(database: Database) -> None:
    commits = Commits(database)
    count = 2 * MAX_AT_ONCE + 1
    async with busy(database):
        tasks = await asked(database, *(insert(f"{number:03}") for number in range(count)))
    await asyncio.gather(*tasks)
    assert await names(database) == [f"{number:03}" for number in range(count)]
    assert commits.number >= 1 + 3


async def test_no_write_ends_before_it_is_on_the_disk(database: Database) -> None:
    committed = threading.Event()
    seen: list[bool] = []
    async with busy(database):
        tasks = await asked(database, insert("a"), insert("b"))
        for task in tasks:
            task.add_done_callback(lambda _: seen.append(committed.is_set()))
        database.on_commit = committed.set
    await asyncio.gather(*tasks)
    assert seen == [True, True]


async def test_a_write_that_raises_takes_nothing_from_those_that_share_its_commit(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> str:
        insert("half")(connection)
        raise ZeroDivisionError

    async with busy(database):
        tasks = await asked(database, insert("a"), half, insert("b"), insert("b"))
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends] == [str, ZeroDivisionError, str, sqlite3.IntegrityError]
    assert await names(database) == ["a", "b"]


async def test_of_writes_that_share_a_commit_none_is_there_if_the_disk_gets_full(database: Database) -> None:
    def much(connection: sqlite3.Connection) -> str:
        return insert("n" * 1_000_000)(connection)

    def fill(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 20}").close()

    await database.write(fill)
    async with busy(database):
        tasks = await asked(database, insert("a"), much, insert("b"))
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    kept = await names(database)
    assert isinstance(ends[1], StoreUnavailable)
    assert kept == [end for end in ends if isinstance(end, str)]


async def test_writes_wait_no_longer_for_those_that_come_after_them(database: Database) -> None:
    """A write is not held back by many slow ones behind it."""
    commits = Commits(database)

    def slow(connection: sqlite3.Connection) -> str:
        threading.Event().wait(0.02)
        return "slow"

    async with busy(database):
        tasks = await asked(database, insert("a"), slow, slow, slow)
    await asyncio.gather(*tasks)
    assert commits.number >= 3


async def test_a_write_of_a_closed_database_is_unavailable_and_forgotten(database: Database) -> None:
    await database.close()
    with pytest.raises(StoreUnavailable):
        await database.write(insert("a"))
    assert not database._writes._waiting


async def test_writes_whose_time_is_over_end_together_when_another_process_keeps_the_lock(
    database: Database,
) -> None:
    begun: list[float] = []

    def begin(_: sqlite3.Connection, until: float) -> None:
        begun.append(until)
        raise sqlite3.OperationalError("database is locked")

    commit = GroupCommit(database, begin)
    over = [Write(insert(f"over {number}"), until=float(number)) for number in range(3)]
    later = Write(insert("later"), until=time.monotonic() + 60)
    for write in (*over, later):
        commit.add(write)
    with closing(sqlite3.connect(":memory:")) as connection:
        commit.run(connection)

    assert begun == [0.0], "each would wait once more"
    assert {str(write.error) for write in over} == {"database is locked"}
    assert later.error is None
