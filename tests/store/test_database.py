"""The database: its files, its transactions, its threads."""

import asyncio
import sqlite3
import sys
import threading
from asyncio.subprocess import create_subprocess_exec
from dataclasses import replace
from pathlib import Path

import pytest

from store.records.sessions import Session
from store.sqlite import database as module
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from tests.store.connections import count_keys, insert_key, no_thread_is_left, pragma, put
from tests.store.samples import QR, change, session

OPEN = """
import asyncio, pathlib, sys
from store.sqlite.database import Database
async def main():
    await (await Database.open(pathlib.Path(sys.argv[1]), boot_id="boot-1")).close()
asyncio.run(main())
"""


async def test_the_files_can_be_read_by_their_owner_alone_even_if_one_was_there(path: Path) -> None:
    put(path, b"")

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
    assert no_thread_is_left()


async def test_what_is_committed_survives_a_power_cut(database: Database) -> None:
    assert await database.read(pragma("journal_mode")) == "wal"
    assert await database.read(pragma("synchronous")) == 2  # FULL


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


async def test_a_write_that_raises_leaves_nothing_behind_and_nothing_locked(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO keys (name, sha256, scopes, created_at) VALUES ('bot', '1', '', 1)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(half)

    assert await database.read(count_keys) == 0
    await database.write(insert_key)


async def test_a_write_whose_caller_is_gone_still_ends_whole(database: Database) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        begun.set()
        goes_on.wait(5)
        insert_key(connection)

    caller = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait, 5)
    caller.cancel()
    goes_on.set()
    await database.write(lambda connection: None)  # Writes end in the order in which they were asked.

    assert await database.read(count_keys) == 1


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


async def test_closing_ends_the_thread_even_if_whoever_closes_is_cancelled(path: Path) -> None:
    database = await Database.open(path, boot_id="boot-1")
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])

    assert no_thread_is_left()


def _hear_one_more(before: Session) -> Session:
    return replace(before, have=before.have + 1)
