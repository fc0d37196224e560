"""Rows in memory: never older than what any process has committed."""

import asyncio
import signal
import sqlite3
import sys
from asyncio.subprocess import create_subprocess_exec
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from store.errors import StoreUnavailable
from store.ports.keys import KeyStore
from store.ports.sessions import SessionStore
from store.sqlite import memory as module
from store.sqlite.database import Database
from store.sqlite.session_rows import read as read_session
from store.sqlite.store import SqliteStore
from tests.store.samples import change, session

#: Commits a new name, and is killed before it can do anything else.
WRITER = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE sessions SET name = ?", (sys.argv[2],))
if sys.argv[3] == "commits":
    connection.execute("COMMIT")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One item for each read of the database."""
    counted: list[None] = []
    read = Database.read

    async def counting(self: Database, fn: Callable[[sqlite3.Connection], object]) -> object:
        counted.append(None)
        return await read(self, fn)

    monkeypatch.setattr(Database, "read", counting)
    return counted


def elsewhere(path: Path, statement: str, *values: str) -> None:
    """Commit a statement on a connection of its own."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, values)


async def test_a_row_is_read_once_while_nobody_commits(
    store: SqliteStore, sessions: SessionStore, reads: list[None]
) -> None:
    await sessions.add(session())
    assert store.memory().session("shop") is None
    assert await sessions.get("shop") == await sessions.get("shop") == store.memory().session("shop")
    assert len(reads) == 1


async def test_the_next_read_sees_every_commit_of_this_process(
    store: SqliteStore, sessions: SessionStore
) -> None:
    await sessions.add(session())
    for number in range(100):
        await change(store, partial(replace, name=str(number)))
        assert (await sessions.require("shop")).name == str(number)


async def test_the_next_read_sees_every_commit_of_another_connection(
    store: SqliteStore, sessions: SessionStore, path: Path
) -> None:
    await sessions.add(session())
    for number in range(100):
        elsewhere(path, "UPDATE sessions SET name = ?", str(number))
        memory = store.memory()
        assert memory.session("shop") is None, "it may have changed"
        assert (await sessions.require("shop")).name == str(number)
        assert store.memory().session("shop") is not None


@pytest.mark.parametrize(("end", "name"), [("commits", "new"), ("does not commit", None)])
async def test_what_a_process_committed_is_seen_though_it_was_killed_right_after(
    sessions: SessionStore, path: Path, end: str, name: str | None
) -> None:
    await sessions.add(session())
    await sessions.get("shop")
    writer = await create_subprocess_exec(sys.executable, "-c", WRITER, str(path), "new", end)
    assert await writer.wait() == -signal.SIGKILL
    assert (await sessions.require("shop")).name == name


async def test_a_commit_while_a_row_is_read_is_seen_by_the_next_read(
    store: SqliteStore, sessions: SessionStore, path: Path
) -> None:
    await sessions.add(session())

    def slowly(connection: sqlite3.Connection, session_id: str) -> str | None:
        row = read_session(connection, session_id)
        elsewhere(path, "UPDATE sessions SET name = 'new'")
        return None if row is None else row.name or "old"

    memory = store.memory()
    assert isinstance(memory, module.SqliteMemory)
    assert await memory.get(slowly, "shop") == "old"
    assert await memory.get(slowly, "shop") == "new"


async def test_a_deleted_session_is_gone_at_once(store: SqliteStore, sessions: SessionStore) -> None:
    token = await sessions.add(session())
    await sessions.get("shop")
    await sessions.delete("shop", token=token)
    assert store.memory().session("shop") is None
    assert await sessions.get("shop") is None


async def test_a_key_that_any_process_revoked_is_gone_at_once(
    store: SqliteStore, keys: KeyStore, path: Path
) -> None:
    for revoke in (keys.delete, None):
        await keys.add("bot", "digest", ["sessions:read"], 1)
        found = await keys.find("digest")
        assert found is not None
        assert store.memory().key("digest") == found
        if revoke is None:
            elsewhere(path, "DELETE FROM keys")
        else:
            await revoke("bot")
        assert store.memory().key("digest") is None
        assert await keys.find("digest") is None


async def test_what_does_not_exist_is_not_remembered(
    sessions: SessionStore, keys: KeyStore, reads: list[None]
) -> None:
    for _ in range(2):
        assert await sessions.get("shop") is None
        assert await keys.find("digest") is None
    assert len(reads) == 4


async def test_a_hundred_who_want_a_row_at_once_read_it_once(
    sessions: SessionStore, reads: list[None]
) -> None:
    await sessions.add(session())
    assert len(set(map(id, await asyncio.gather(*(sessions.get("shop") for _ in range(100)))))) == 1
    assert len(reads) == 1


async def test_those_who_wait_with_a_read_that_is_cancelled_get_their_row(sessions: SessionStore) -> None:
    await sessions.add(session())
    first, *others = [asyncio.create_task(sessions.get("shop")) for _ in range(10)]
    await asyncio.sleep(0)
    first.cancel()
    others[0].cancel()
    rows = await asyncio.gather(*others, return_exceptions=True)
    assert isinstance(rows[0], asyncio.CancelledError)
    assert rows[1:] == [session()] * 8


async def test_of_many_rows_the_oldest_are_read_again(
    store: SqliteStore, sessions: SessionStore, reads: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 2)
    for session_id in ("a", "b", "c"):
        await sessions.add(session(session_id))
    for session_id in ("a", "b"):
        await sessions.get(session_id)
    assert store.memory().session("a") is not None, "at the limit"
    await sessions.get("c")
    memory = store.memory()
    assert [memory.session(session_id) is None for session_id in ("a", "b", "c")] == [True, False, False]
    await sessions.get("a")
    assert len(reads) == 4


async def test_a_version_that_is_not_known_keeps_nothing(
    database: Database, store: SqliteStore, sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sessions.add(session())
    await sessions.get("shop")
    monkeypatch.setattr(database, "data_version", lambda: None)
    assert store.memory().session("shop") is None
    assert await sessions.get("shop") == session()
    assert store.memory().session("shop") is None


async def test_a_closed_database_gives_nothing_from_memory(path: Path) -> None:
    async with await Database.open(path, boot_id="boot-1") as database:
        store = SqliteStore(database)
        await store.sessions.add(session())
        await store.sessions.get("shop")
    assert store.memory().session("shop") is None
    with pytest.raises(StoreUnavailable):
        await store.sessions.get("shop")
    assert [file.name for file in path.parent.iterdir()] == ["motte.db"], "and leaves no file open"
