"""Results in memory: never older than what any process has committed."""

import sqlite3
from contextlib import closing
from pathlib import Path

from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from store.sqlite.unchanged import Unchanged
from tests.store.webhook_samples import HOOK


def elsewhere(path: Path, statement: str) -> None:
    """Commit a statement on a connection of its own."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def last(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT last FROM event_log").fetchone()[0])


async def test_nothing_is_read_again_while_nobody_commits(database: Database) -> None:
    reads: list[int] = []

    def read(connection: sqlite3.Connection) -> int:
        reads.append(last(connection))
        return reads[-1]

    unchanged = Unchanged(database, read)

    assert [await unchanged.get() for _ in range(3)] == [0, 0, 0]
    assert reads == [0]


async def test_a_commit_of_another_process_during_a_read_counts_at_the_next_one(
    database: Database, path: Path
) -> None:
    def read(connection: sqlite3.Connection) -> int:
        found = last(connection)
        if not found:
            elsewhere(path, "UPDATE event_log SET last = 7")
        return found

    unchanged = Unchanged(database, read)

    assert [await unchanged.get() for _ in range(3)] == [0, 7, 7]


async def test_the_versions_of_webhooks_are_those_of_the_last_commit_of_any_process(
    store: SqliteStore, path: Path
) -> None:
    await store.webhooks.add(HOOK, most=1)
    assert await store.webhooks.versions() == {HOOK.id: HOOK.version}
    elsewhere(path, "UPDATE webhooks SET version = 9")
    assert await store.webhooks.versions() == {HOOK.id: 9}


async def test_the_newest_event_is_that_of_the_last_commit_of_any_process(
    store: SqliteStore, path: Path
) -> None:
    assert await store.events.newest() == 0
    elsewhere(path, "UPDATE event_log SET last = 7")
    assert await store.events.newest() == 7
