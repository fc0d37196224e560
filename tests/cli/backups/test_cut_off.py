"""A restore that is killed, or fails, while it replaces what is there."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.doctor.stored_sessions import check_database
from server.cli.serve.launch import ROOT
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.conftest import Run, became
from tests.cli.samples import add, ids

#: A restore by force that is killed where it would rename for the time of this number. A database may have a
#: journal that is moved with it.
KILLED = """
import itertools, os, pathlib, signal, sys
from server.cli import main

moment, file = sys.argv[1:]
rename, count = pathlib.Path.rename, itertools.count()

def killed(source, target):
    if not source.name.endswith(("-wal", "-shm")) and next(count) == int(moment):
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(source, target)

pathlib.Path.rename = killed
main(["restore", file, "--force"])
"""


def killed_at(moment: int, file: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(moment), str(file)], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL


#: In a backup of `motte` and over it: the database, sessions and admin.key are moved away, then these come.
RENAMINGS = 6


@pytest.mark.parametrize("moment", range(1, RENAMINGS))
def test_after_a_kill_during_a_restore_nothing_starts_and_the_previous_data_is_kept(
    run: Run, motte: StateFolder, file: Path, moment: int
) -> None:
    run("backup", str(file))
    add(motte, "later", Status.CONNECTED, phone="1", linked=True)
    killed_at(moment, file)
    (stage,) = motte.path.glob("restore.*")

    started = run("serve", "--listen", "127.0.0.1:0")
    assert started.exit_code == 1
    assert f"was cut off, and the previous data is in {stage / 'old'}" in started.stderr
    assert "a restore was cut off" in check_database(motte).detail
    for command in (("backup", "other.tar"), ("sessions", "list"), ("keys", "list")):
        assert "was cut off" in run(*command).stderr

    again = run("restore", str(file), "--force")
    assert again.exit_code == 0, again.output
    assert ids(motte) == {"shop", "new"}
    assert list(motte.path.glob("restore.*")) == [stage]
    assert (stage / "old" / "motte.db").exists()
    assert (stage / "old" / "sessions" / "later").exists() is (moment > 1)

    stage.rename(stage.parent.parent / "kept")
    became(run("serve", "--listen", "127.0.0.1:0"))


def test_a_kill_before_anything_was_replaced_is_no_obstacle(run: Run, motte: StateFolder, file: Path) -> None:
    run("backup", str(file))
    add(motte, "later", Status.CONNECTED, phone="1", linked=True)
    killed_at(0, file)
    assert list(motte.path.glob("restore.*"))
    assert ids(motte) == {"shop", "new", "later"}
    became(run("serve", "--listen", "127.0.0.1:0"))
    assert run("restore", str(file), "--force").exit_code == 0
    assert not list(motte.path.glob("restore.*"))


def test_a_kill_after_everything_was_replaced_is_no_obstacle(
    run: Run, motte: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was replaced by force, and was about to be removed, is removed by the next restore."""
    run("backup", str(file))
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda _: None)
        run("restore", str(file), "--force")
    (stage,) = motte.path.glob("restore.*")
    assert (stage / "old" / "sessions").exists()
    became(run("serve", "--listen", "127.0.0.1:0"))
    assert run("restore", str(file), "--force").exit_code == 0
    assert not list(motte.path.glob("restore.*"))


def test_files_that_cannot_be_put_back_are_kept_and_reported(
    run: Run, motte: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(file))
    renamed = Path.rename

    def rename(source: Path, target: Path) -> Path:
        if source.parent.name == "new" or source.parent.name == "old":
            raise OSError(5, "Input/output error")
        return renamed(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        result = run("restore", str(file), "--force")
    assert result.exit_code == 1
    assert "was cut off" in result.stderr
    (stage,) = motte.path.glob("restore.*")
    assert (stage / "old" / "sessions" / "shop" / "connector.db").exists()
