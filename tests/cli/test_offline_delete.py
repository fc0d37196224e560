"""`motte sessions delete` on a stopped Motte: the database and the folder are its own to change."""

import shutil
import socket
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.cleanup.removal import OfflineRemover
from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.conftest import Run
from tests.cli.samples import add, furnish, ids


@pytest.fixture
def furnished(folder: StateFolder) -> StateFolder:
    """A Motte that does not run, with a linked session and one that waits for a scan."""
    furnish(folder)
    add(folder, "shop", Status.CONNECTED, phone="15551234567", linked=True)
    add(folder, "new", Status.QR_WAITING)
    return folder


def answering(answers: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["sessions", *arguments], input=answers)


@pytest.mark.parametrize(("session_id", "other"), [("shop", "new"), ("new", "shop")])
def test_without_a_motte_a_session_is_deleted_with_its_folder_and_log(
    furnished: StateFolder, session_id: str, other: str
) -> None:
    for no in ("n\n", ""):
        assert answering(no, "delete", session_id).exit_code == 1
    assert ids(furnished) == {"shop", "new"}
    result = answering("y\n", "delete", session_id)
    assert (result.exit_code, result.stdout) == (0, f"{session_id}: deleted\n")
    assert "Motte does not run" in result.stderr
    assert ("The account lists this device" in result.stderr) is (session_id == "shop")
    assert ids(furnished) == {other}
    assert [path.name for path in furnished.sessions.iterdir()] == [other]
    assert [path.name for path in furnished.logs.iterdir()] == [f"connector-{other}.log"]


def test_as_json_a_delete_prints_nothing_there_either(run: Run, furnished: StateFolder) -> None:
    result = run("sessions", "delete", "shop", "--yes", "--output", "json")
    assert (result.exit_code, result.stdout) == (0, "")


def test_an_unknown_session_is_not_asked_about(furnished: StateFolder) -> None:
    result = answering("y\n", "delete", "nobody")
    assert result.exit_code == 1
    assert "session-not-found" in result.stderr
    assert "?" not in result.stderr


def test_a_front_that_starts_while_a_session_is_deleted_waits(
    run: Run, furnished: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    deleted = OfflineRemover.delete

    async def delete(self: OfflineRemover, session_id: str) -> None:
        with closing(LeaderLock(furnished)) as front:
            taken.append(front.take())
        await deleted(self, session_id)

    monkeypatch.setattr(OfflineRemover, "delete", delete)
    assert run("sessions", "delete", "shop", "--yes").exit_code == 0
    with closing(LeaderLock(furnished)) as front:
        assert (taken, front.take()) == ([False], True)


def test_behind_a_supervisord_without_its_front_nothing_is_deleted(run: Run, furnished: StateFolder) -> None:
    with socket.socket(socket.AF_UNIX) as supervisord:
        supervisord.bind(str(furnished.supervisor_socket))
        supervisord.listen()
        result = run("sessions", "delete", "shop", "--yes")
    assert result.exit_code == 1
    assert "without the REST API" in result.stderr
    assert ids(furnished) == {"shop", "new"}


def test_a_folder_that_cannot_be_removed_is_named(
    run: Run, furnished: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path / "connector.db"))

    monkeypatch.setattr(shutil, "rmtree", refuse)
    result = run("sessions", "delete", "shop", "--yes")
    assert result.exit_code == 1
    assert "its folder could not be removed" in result.stderr
    assert str(furnished.sessions) in result.stderr
    assert "deleted" not in result.stdout
