"""Blank folders of sessions, and what takes their place."""

from pathlib import Path

import pytest

from server.connectors.folders import furnish, is_blank, make_fifo, replace_blank
from server.core.paths import SessionFolder


@pytest.fixture
def shop(tmp_path: Path) -> SessionFolder:
    return SessionFolder(tmp_path / "sessions" / "shop")


@pytest.fixture
def spare(tmp_path: Path) -> SessionFolder:
    folder = SessionFolder(tmp_path / "spares" / "_spare-1")
    furnish(folder)
    return folder


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def test_a_folder_is_blank_until_its_connector_has_run(shop: SessionFolder) -> None:
    assert is_blank(shop)
    furnish(shop)
    assert is_blank(shop)
    (shop.path / "lock").touch()
    assert not is_blank(shop)


@pytest.mark.parametrize("name", ["connector.db", "notes.txt", "events.fifo"])
def test_a_folder_with_any_file_is_not_blank(shop: SessionFolder, name: str) -> None:
    shop.path.mkdir(parents=True)
    (shop.path / name).touch()
    assert not is_blank(shop)


def test_a_link_in_the_place_of_a_folder_is_not_blank(shop: SessionFolder, tmp_path: Path) -> None:
    shop.path.parent.mkdir()
    shop.path.symlink_to(tmp_path)
    assert not is_blank(shop)


def test_a_blank_folder_is_replaced_with_its_pipes(shop: SessionFolder, spare: SessionFolder) -> None:
    furnish(shop)
    inode = spare.events.stat().st_ino
    replace_blank(shop, by=spare)
    assert shop.events.stat().st_ino == inode
    assert names(shop.path) == ["commands.fifo", "events.fifo"]
    assert names(spare.path.parent) == []


def test_a_missing_folder_is_replaced_too(shop: SessionFolder, spare: SessionFolder) -> None:
    shop.path.parent.mkdir()
    replace_blank(shop, by=spare)
    assert names(shop.path) == ["commands.fifo", "events.fifo"]


def test_a_replacement_that_fails_changes_nothing(shop: SessionFolder, tmp_path: Path) -> None:
    furnish(shop)
    inode = shop.events.stat().st_ino
    gone = SessionFolder(tmp_path / "spares" / "_spare-1")
    gone.path.parent.mkdir()
    with pytest.raises(FileNotFoundError):
        replace_blank(shop, by=gone)
    assert shop.events.stat().st_ino == inode
    assert names(gone.path.parent) == []


def test_a_file_in_the_place_of_a_pipe_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "pipe").touch()
    make_fifo(tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()
