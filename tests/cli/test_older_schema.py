"""Commands of a newer Motte on a database that an older one has made, and may still use."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.cli.serve.first_key import prepare_database
from server.cluster import leader_lock
from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.conftest import Run
from tests.cli.samples import add, furnish
from tests.support.newer_schema import SCHEMA, become_as_before, become_newer, schema_of

#: Those that change the database themselves if Motte does not run.
OFFLINE = [
    ("keys", "list"),
    ("keys", "create", "ci", "--scope", "sessions:read"),
    ("keys", "revoke", "admin", "--yes", "--force"),
    ("sessions", "list"),
    ("sessions", "show", "shop"),
    ("sessions", "delete", "shop", "--yes"),
    ("cleanup", "--yes"),
]


@pytest.fixture
def older(folder: StateFolder, tmp_path: Path) -> Iterator[StateFolder]:
    """A state folder of the version before."""
    furnish(folder)
    asyncio.run(prepare_database(folder, given=None))
    add(folder, "shop", Status.STOPPED)
    become_newer(tmp_path)
    yield folder
    become_as_before()


@pytest.fixture
def running(older: StateFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[StateFolder]:
    """The same while a front leads."""
    monkeypatch.setattr(leader_lock, "MOMENT_SECONDS", 0.05)
    with closing(LeaderLock(older)) as lock:
        assert lock.take()
        yield older


@pytest.mark.parametrize("words", OFFLINE, ids=" ".join)
def test_a_command_brings_the_database_of_a_stopped_motte_up_to_date(
    run: Run, older: StateFolder, words: tuple[str, ...]
) -> None:
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert schema_of(older.database) == SCHEMA + 1


@pytest.mark.parametrize("words", OFFLINE, ids=" ".join)
def test_no_command_changes_the_schema_beneath_a_front(
    run: Run, running: StateFolder, words: tuple[str, ...]
) -> None:
    assert run(*words).exit_code != 0
    assert schema_of(running.database) == SCHEMA


@pytest.mark.parametrize("words", [words for words in OFFLINE if words[0] == "keys"], ids=" ".join)
def test_keys_say_that_motte_is_to_be_restarted_first(
    run: Run, running: StateFolder, words: tuple[str, ...]
) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {running.database}: the database has schema {SCHEMA}, this Motte needs {SCHEMA + 1}, "
        "and another process keeps it so: restart Motte, or read its log if it was restarted\n"
    )


def test_a_start_changes_no_schema_beneath_a_front_that_was_started_by_hand(
    run: Run, running: StateFolder
) -> None:
    result = run("serve", "--listen", "127.0.0.1:0")
    assert result.exit_code == 1
    assert result.stderr.endswith(
        "and another process keeps it so: "
        "end the front that was started by hand, or wait for the command that runs\n"
    )
    assert schema_of(running.database) == SCHEMA


def test_a_start_waits_for_a_command_that_has_the_lock_for_a_moment(older: StateFolder) -> None:
    async def start() -> None:
        lock = LeaderLock(older)
        assert lock.take()
        asyncio.get_running_loop().call_later(0.2, lock.close)
        await prepare_database(older, given=None)

    asyncio.run(start())
    assert schema_of(older.database) == SCHEMA + 1


def test_a_command_waits_for_another_one_that_has_the_lock_for_a_moment(run: Run, older: StateFolder) -> None:
    lock = LeaderLock(older)
    assert lock.take()
    other = threading.Timer(0.2, lock.close)
    other.start()
    try:
        result = run("keys", "list")
    finally:
        other.join()
    assert result.exit_code == 0, result.output
    assert schema_of(older.database) == SCHEMA + 1


def test_a_command_leaves_the_lock_to_a_front(run: Run, older: StateFolder) -> None:
    assert run("keys", "list").exit_code == 0
    with closing(LeaderLock(older)) as lock:
        assert lock.take()
