"""Discarded folders are kept for seven days that have passed for certain."""

import shutil
from pathlib import Path

import pytest

from server.core.paths import StateFolder
from server.core.trash import Trash
from tests.support.clock import TurnedClock

DAY = 86_400


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


def discarded(folder: StateFolder, trash: Trash, session_id: str = "shop") -> Path:
    path = folder.session(session_id).path
    path.mkdir(parents=True)
    (path / "connector.db").write_text("credentials")
    return trash.keep(session_id, path)


async def test_a_folder_goes_after_seven_days(folder: StateFolder, clock: TurnedClock) -> None:
    trash = Trash(folder, clock)
    kept = discarded(folder, trash)
    await trash.empty(clock.wall() + 7 * DAY * 1000 - 1)
    assert kept.exists()
    await trash.empty(clock.wall() + 7 * DAY * 1000)
    assert not kept.exists()


async def test_a_clock_that_is_not_believed_costs_no_folder(folder: StateFolder, clock: TurnedClock) -> None:
    trash = Trash(folder, clock)
    kept = discarded(folder, trash)
    clock.step_wall(8 * DAY)
    await trash.empty(None)
    assert kept.exists()


async def test_what_motte_has_not_moved_there_stays(folder: StateFolder, clock: TurnedClock) -> None:
    trash = Trash(folder, clock)
    folder.trash.mkdir()
    outside = folder.path / "outside"
    outside.mkdir()
    (folder.trash / "shop.20000101T000000Z").symlink_to(outside)
    for name in ("mine", "shop.20001301T000000Z", "a.b.20000101T000000Z"):
        (folder.trash / name).mkdir()
    (folder.trash / "letter.20000101T000000Z").touch()
    await trash.empty(clock.wall())
    assert len(list(folder.trash.iterdir())) == 5


async def test_a_folder_that_cannot_be_removed_is_logged_and_keeps_no_other(
    folder: StateFolder, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trash = Trash(folder, clock)
    first, second = discarded(folder, trash, "a"), discarded(folder, trash, "b")
    clock.step_wall(8 * DAY)
    remove = shutil.rmtree

    def removed(path: Path) -> None:
        if path == first:
            raise PermissionError(13, "Permission denied")
        remove(path)

    monkeypatch.setattr("server.core.trash.shutil.rmtree", removed)
    await trash.empty(clock.wall())
    assert (first.exists(), second.exists()) == (True, False)
    told = f"event=trash_not_removed folder={first.name} error=[Errno 13] Permission denied"
    assert told in caplog.messages
