"""What a command says if it finds the lock of the pipes taken: by a front, or by another command."""

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.cli.serve.run_state import FolderInUse, command_works, front_runs, kept_stopped
from server.cluster import leader_lock
from server.cluster.leader_lock import LeaderLock
from server.cluster.lock_mark import COMMAND
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.conftest import Run
from tests.cli.samples import add, furnish, ids
from tests.support.newer_schema import become_as_before, become_newer

#: What a command says of another one.
OTHER = "another command of Motte works on the state folder {}: try again when it has ended"


@pytest.fixture
def furnished(folder: StateFolder) -> StateFolder:
    furnish(folder)
    add(folder, "shop", Status.STOPPED)
    return folder


@pytest.fixture
def worked_on(furnished: StateFolder) -> Iterator[StateFolder]:
    """A state folder on which another command works. The address of its last front may be somebody else's."""
    furnished.front.write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": 1}))
    with closing(LeaderLock(furnished, is_command=True)) as lock:
        assert lock.take()
        yield furnished


@pytest.mark.parametrize(
    "words", [("cleanup", "--yes"), ("sessions", "delete", "shop", "--yes")], ids=" ".join
)
def test_a_command_that_finds_another_one_at_work_does_not_call_it_motte(
    run: Run, worked_on: StateFolder, words: tuple[str, ...]
) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith(f"Error: {OTHER.format(worked_on.path)}\n")
    assert ids(worked_on) == {"shop"}


def test_a_restore_waits_for_no_other_command_and_names_it(
    run: Run, worked_on: StateFolder, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar"
    assert run("backup", str(file)).exit_code == 0
    result = run("restore", str(file), "--force")
    assert (result.exit_code, result.stderr) == (1, f"Error: {OTHER.format(worked_on.path)}\n")


def test_while_a_command_works_no_key_goes_to_the_address_of_the_last_front(
    run: Run, worked_on: StateFolder
) -> None:
    listed = run("sessions", "list", "--output", "json")
    assert [item["id"] for item in json.loads(listed.stdout)["items"]] == ["shop"]
    result = run("sessions", "start", "shop")
    assert result.exit_code == 3
    assert "Motte does not run" in result.stderr


def test_a_database_that_another_command_keeps_old_is_no_reason_to_restart_motte(
    run: Run, worked_on: StateFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leader_lock, "MOMENT_SECONDS", 0.05)
    become_newer(tmp_path)
    try:
        result = run("keys", "list")
    finally:
        become_as_before()
    assert (result.exit_code, result.stderr) == (1, f"Error: {OTHER.format(worked_on.path)}\n")


def test_a_front_is_called_motte_also_behind_a_command_that_was_killed(furnished: StateFolder) -> None:
    furnished.lock.write_bytes(COMMAND)
    assert not front_runs(furnished)
    assert not command_works(furnished)
    with closing(LeaderLock(furnished)) as front:
        assert front.take()
        assert front_runs(furnished)
        assert not command_works(furnished)
        with pytest.raises(FolderInUse, match="Motte runs on"), kept_stopped(furnished):
            pass
    with kept_stopped(furnished):
        assert command_works(furnished)
        assert not front_runs(furnished)


def test_a_process_that_only_looks_who_has_the_lock_refuses_nobody(furnished: StateFolder) -> None:
    furnished.lock.touch()
    looking = os.open(furnished.lock, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    end = threading.Timer(0.05, os.close, (looking,))
    end.start()
    with kept_stopped(furnished):
        pass
    end.join()
