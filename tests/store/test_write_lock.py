"""How a process gets the lock for writing that another one has."""

import sqlite3
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from store.sqlite import write_lock


@pytest.fixture
def connections(tmp_path: Path) -> Generator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    """Two of one database; each waits five seconds for the other."""
    path = tmp_path / "motte.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as one,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        one.execute("PRAGMA journal_mode = WAL")
        yield one, other


def test_a_lock_is_looked_for_each_millisecond_however_long_the_wait_is(
    connections: tuple[sqlite3.Connection, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = connections
    looks: list[float] = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 500:
            other.execute("COMMIT")

    monkeypatch.setattr(time, "sleep", sleep)
    other.execute("BEGIN IMMEDIATE")
    write_lock.begin(one, time.monotonic() + 60)

    assert one.in_transaction
    assert looks == [0.001] * 500


def test_what_is_no_lock_is_not_waited_for(
    connections: tuple[sqlite3.Connection, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = connections
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("waits"))
    write_lock.begin(one, time.monotonic() + 60)
    with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
        write_lock.begin(one, time.monotonic() + 60)
