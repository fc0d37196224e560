"""Files of another kind than expected neither hold a process up nor lead it to another file."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from server.auth.scan_links import ScanLinks
from server.cli.common.client import Unreachable
from server.cli.serve.endpoints import NoKey, api_key, front_url
from server.cli.serve.run_state import NotAccessible, front_runs
from server.cluster.leader_lock import LeaderLock
from server.cluster.request_queue import wake_leader
from server.connectors.credentials import fault, is_linked, is_worth_keeping, linked_server
from server.connectors.pipes import LineReader, LineWriter
from server.core.checked_clock import CheckedClock
from server.core.paths import StateFolder
from server.supervisor_plugin.exit_notifier import ExitNotifier
from server.whatsapp_version import cache
from store.errors import StoreUnavailable
from store.files import MAX_FILE_BYTES, WrongKind, read_regular, replace_file
from store.sqlite.backup import checkpoint, copy_database
from store.sqlite.database import Database
from store.sqlite.integrity import count_proxies, inspect
from store.sqlite.read_only import SUFFIXES, read_database
from tests.support.clock import TurnedClock


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_pipe_in_the_place_of_a_database_holds_nobody_up(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "connector.db"
    if suffix:
        sqlite3.connect(path).close()
        path.touch()
    os.mkfifo(f"{path}{suffix}")
    for read in (inspect, copy_database):
        with pytest.raises(StoreUnavailable, match="not a regular file: move it away"):
            read(path)
    with pytest.raises(sqlite3.OperationalError):
        checkpoint(path)
    assert count_proxies(path) == 0


def test_a_pipe_as_connector_db_may_hold_what_nobody_can_make_again(folder: StateFolder) -> None:
    """So a delete moves its folder to the trash."""
    os.mkfifo(folder.path / "connector.db")
    assert fault(folder.path) == "cannot be read"
    assert is_linked(folder.path)
    assert is_worth_keeping(folder.path)
    assert linked_server(folder.path) == "whatsapp"


@pytest.mark.parametrize("suffix", SUFFIXES)
async def test_a_pipe_as_motte_db_is_refused_with_what_to_do(folder: StateFolder, suffix: str) -> None:
    os.mkfifo(f"{folder.database}{suffix}")
    with pytest.raises(StoreUnavailable, match="not a regular file: move it away"):
        await Database.open(folder.database, boot_id="boot-1")


READERS: dict[str, Callable[[StateFolder], object]] = {
    "link.key": lambda folder: ScanLinks(folder.link_key)._key,
    "admin.key": api_key,
    "front.json": front_url,
    "front.lock": front_runs,
    "whatsapp-version.json": lambda folder: cache.load(folder.whatsapp_version),
}


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(
    folder: StateFolder, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOTTE_API_KEY", raising=False)
    os.mkfifo(folder.path / name)
    with pytest.raises((OSError, StoreUnavailable, NoKey, Unreachable, NotAccessible)):
        READERS[name](folder)


def test_a_pipe_as_the_lock_of_the_leader_is_refused(folder: StateFolder) -> None:
    os.mkfifo(folder.lock)
    with pytest.raises(WrongKind):
        LeaderLock(folder)


def test_a_pipe_as_clock_json_counts_as_none(folder: StateFolder) -> None:
    os.mkfifo(folder.clock)
    checked = CheckedClock(TurnedClock(), folder.clock)
    checked.load()
    assert checked.certain() is None


async def test_a_link_in_the_place_of_a_pipe_is_not_followed(folder: StateFolder) -> None:
    pipes = folder.session("shop")
    pipes.path.mkdir(parents=True)
    file = folder.path / "file"
    file.write_text("kept")  # a test
    for pipe in (pipes.events, pipes.commands, folder.wakeup_pipe):
        pipe.symlink_to(file)
    ExitNotifier(folder).send({"id": "shop", "state": "EXITED"})
    for open_ in (LineReader, wake_leader):
        with pytest.raises(OSError, match="symbolic links"):
            open_(pipes.events)
    with pytest.raises(OSError, match="symbolic links"):
        await LineWriter.open(pipes.commands, lambda writer: None)
    assert file.read_text() == "kept"  # a test


async def test_a_file_in_the_place_of_a_pipe_is_not_written(folder: StateFolder) -> None:
    pipes = folder.session("shop")
    pipes.path.mkdir(parents=True)
    pipes.events.write_text("kept")  # a test
    ExitNotifier(folder).send({"id": "shop", "state": "EXITED"})
    with pytest.raises(WrongKind):
        wake_leader(pipes.events)
    assert pipes.events.read_text() == "kept"  # a test


def test_a_file_is_read_up_to_its_limit_and_not_beyond(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * MAX_FILE_BYTES)
    assert len(read_regular(path)) == MAX_FILE_BYTES
    path.write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(OSError, match="too large"):
        read_regular(path)


def test_a_file_is_replaced_and_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    path, other = tmp_path / "front.json", tmp_path / "other"
    other.write_text("kept")
    path.symlink_to(other)
    replace_file(path, b"new")
    assert (path.read_bytes(), other.read_text()) == (b"new", "kept")
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["front.json", "other"]


def test_a_link_to_a_database_is_followed(tmp_path: Path) -> None:
    """The database may lie on another disk."""
    sqlite3.connect(tmp_path / "elsewhere.db").close()
    (tmp_path / "elsewhere.db").touch()
    (tmp_path / "motte.db").symlink_to(tmp_path / "elsewhere.db")
    with read_database(tmp_path / "motte.db") as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
