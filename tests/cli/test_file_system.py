"""The file system of the state folder: a real one that ignores case, and what another lacks."""

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import click
import pytest

from server.cli.backup.backup import make_backup
from server.cli.backup.restore import restore_backup
from server.cli.doctor.finding import Verdict
from server.cli.doctor.state_folder import check_case
from server.cli.serve.file_system import ignores_case
from server.cli.serve.preflight import make_private
from server.core.paths import StateFolder
from tests.cli.conftest import Run
from tests.cli.samples import furnish

#: NTFS-3G mounts NTFS in user space, with permissions, pipes and sockets, and ignores case if asked.
NTFS = ("mkntfs", "lowntfs-3g", "fusermount")

has_ntfs = pytest.mark.skipif(
    not (all(map(shutil.which, NTFS)) and os.access("/dev/fuse", os.W_OK) and os.geteuid() == 0),
    reason="needs ntfs-3g, /dev/fuse and root",
)


@pytest.fixture(params=["the whole volume", "the folder of sessions"])
def caseless(request: pytest.FixtureRequest) -> Generator[StateFolder]:
    """A state folder on a file system that ignores case, or one whose sessions lie on such a file system."""
    place = Path(tempfile.mkdtemp(prefix="motte-"))  # a short path: a socket would lie in it
    folder = StateFolder(place / "state")
    mounted = place / "volume" if request.param == "the whole volume" else folder.sessions
    mounted.mkdir(parents=True)
    volume = place / "volume.img"
    with volume.open("wb") as file:
        file.truncate(20 * 2**20)
    subprocess.run(["mkntfs", "--quick", "--force", volume], check=True, capture_output=True)
    options = "ignore_case,permissions"
    subprocess.run(["lowntfs-3g", "-o", options, volume, mounted], check=True, capture_output=True)
    if mounted == folder.sessions:
        (folder.sessions / "Shop").mkdir()
        folder.database.touch()
    else:
        folder = StateFolder(mounted / "state")
    yield folder
    subprocess.run(["fusermount", "-u", mounted], check=True)
    shutil.rmtree(place)


@has_ntfs
def test_a_file_system_that_ignores_case_is_refused(
    caseless: StateFolder, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_STATE", str(caseless.path))
    result = run("serve", "--listen", "127.0.0.1:0")
    assert result.exit_code == 1
    assert f"the file system of {caseless.path} ignores case" in result.stderr
    assert "sessions Shop and shop would share one folder: choose a folder on another" in result.stderr
    assert not caseless.logs.exists()


@has_ntfs
def test_a_backup_is_not_restored_there(caseless: StateFolder, tmp_path: Path) -> None:
    source = StateFolder(tmp_path / "source")
    furnish(source)
    make_backup(source, tmp_path / "backup.tar")
    with pytest.raises(click.ClickException, match="ignores case"):
        restore_backup(caseless, tmp_path / "backup.tar", force=True)


@has_ntfs
def test_doctor_finds_it(caseless: StateFolder) -> None:
    caseless.logs.mkdir(parents=True)
    assert check_case(caseless).verdict is Verdict.WRONG


def test_ids_that_differ_by_case_have_folders_of_their_own_elsewhere(folder: StateFolder) -> None:
    furnish(folder)
    for session_id in ("Shop", "shop", "SHOP", "7"):
        folder.session(session_id).path.mkdir()
    assert not ignores_case(folder)
    make_private(folder)
    assert check_case(folder).verdict is Verdict.OK


def test_a_file_system_that_keeps_no_permissions_is_refused(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As exFAT and FAT do: a change of the mode succeeds and does nothing."""
    folder.path.mkdir(mode=0o700)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    os.umask(0)
    with pytest.raises(click.ClickException, match="keeps no permissions, so that other users could read"):
        make_private(folder)
    assert list(folder.path.iterdir()) == []


def test_a_file_system_without_named_pipes_is_refused(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "mkfifo", refuse)
    with pytest.raises(click.ClickException, match=r"has no named pipes \(Operation not permitted\): choose"):
        make_private(folder)
    assert list(folder.path.iterdir()) == []
