"""`motte backup` where Motte does not run: what is kept."""

import json
import os
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

from server.cli.backup import archive
from server.core.paths import StateFolder
from store.records.sessions import Status
from store.sqlite import backup as copies
from tests.cli.backups.conftest import credentials
from tests.cli.conftest import Run
from tests.cli.samples import add, ids, in_store, messages, receive

#: In their package the commands have the names of their files.
BACKUP = import_module("server.cli.backup.backup")

#: Bytes.
PAGE = 4096


def test_a_restored_folder_equals_the_original(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    assert run("backup", str(file)).exit_code == 0
    result = run("restore", str(file), "--state", str(other.path))
    assert result.exit_code == 0, result.output
    assert "Restored 2 sessions, 1 linked to an account, of " in result.stdout
    assert ids(other) == {"shop", "new"}
    assert credentials(other) == credentials(motte)
    assert other.admin_key.read_text() == "motte_key\n"


def test_sessions_are_counted_whether_they_have_a_folder_or_not(
    run: Run, motte: StateFolder, file: Path
) -> None:
    add(motte, "gone", Status.STARTING)
    shutil.rmtree(motte.session("gone").path)
    assert f"{file}: 3 sessions, 1 linked to an account, 2" in run("backup", str(file)).stdout
    told = json.loads(run("backup", str(file), "--output", "json").stdout)
    assert (told["sessions"], told["linked"]) == (3, 1)


def test_messages_are_restored_with_their_session(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    receive(motte, "shop", "before")
    run("backup", str(file))
    receive(motte, "shop", "after")
    assert run("restore", str(file), "--state", str(other.path)).exit_code == 0
    assert messages(other, "shop") == ["before"]


def test_every_restored_file_is_private(run: Run, motte: StateFolder, other: StateFolder, file: Path) -> None:
    run("backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    run("restore", str(file), "--state", str(other.path))
    for path in (other.path, *other.path.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_key_that_signs_scan_links_is_in_no_backup(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    motte.link_key.write_bytes(b"the key that signs scan links 32")
    run("backup", str(file))
    assert b"the key that signs scan links 32" not in file.read_bytes()
    run("restore", str(file), "--state", str(other.path))
    assert not other.link_key.exists()


def test_a_backup_holds_what_the_page_says_and_nothing_else(run: Run, motte: StateFolder, file: Path) -> None:
    (motte.trash / "shop.20261129T224231Z").mkdir(parents=True)
    others = (motte.trash / "shop.20261129T224231Z" / "connector.db", motte.whatsapp_version, motte.clock)
    for other in others:
        other.write_text("{}")
    motte.admin_key.write_text("the first key")
    (motte.path / "sandbox.state").write_text("devices")
    run("backup", str(file))
    with tarfile.open(file) as backup:
        held = set(backup.getnames())
    assert held == {"manifest.json", "motte.db", "sessions/shop/connector.db", "admin.key", "sandbox.state"}


def test_nothing_but_the_backup_is_left_beside_it(run: Run, motte: StateFolder, file: Path) -> None:
    run("backup", str(file))
    assert {path.name for path in file.parent.iterdir()} == {"backup.tar", "state"}


def test_rows_that_are_only_in_the_write_ahead_log_are_in_the_backup(
    run: Run, motte: StateFolder, other: StateFolder, file: Path
) -> None:
    """A connector writes at the same time, and holds its file open."""
    with closing(sqlite3.connect(motte.session("shop").path / "connector.db")) as connector:
        connector.execute("PRAGMA journal_mode = WAL")
        with connector:
            connector.execute("UPDATE credentials SET value = 'newest'")
        connector.execute("BEGIN IMMEDIATE")
        connector.execute("UPDATE credentials SET value = 'not yet'")
        assert run("backup", str(file)).exit_code == 0
    run("restore", str(file), "--state", str(other.path))
    assert credentials(other) == "newest"


def test_a_backup_replaces_an_older_one_only_when_it_is_complete(
    run: Run, motte: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("the older one")
    with monkeypatch.context() as patch:
        patch.setattr(archive, "_add", _no_room)
        result = run("backup", str(file))
    assert result.exit_code == 1
    assert "no backup was made: [Errno 28] No space left" in result.stderr
    assert file.read_text() == "the older one"
    assert {path.name for path in file.parent.iterdir()} == {"backup.tar", "state"}
    assert run("backup", str(file)).exit_code == 0


def _no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_device_is_not_replaced(run: Run, motte: StateFolder, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert run("backup", str(pipe)).exit_code == 1
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_session_that_is_paired_meanwhile_begins_the_copy_again(
    run: Run, motte: StateFolder, other: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[Path] = []

    def copy_database(path: Path) -> bytes:
        copied.append(path)
        if len(copied) == 1:
            content = copies.copy_database(path)
            with closing(sqlite3.connect(path)) as front, front:
                front.execute("UPDATE sessions SET status = 'connected', phone_number = '1' WHERE id = 'new'")
            return content
        return copies.copy_database(path)

    monkeypatch.setattr(BACKUP, "copy_database", copy_database)
    assert run("backup", str(file)).exit_code == 0
    run("restore", str(file), "--state", str(other.path))
    restored = in_store(other, lambda store: store.sessions.get("new"))
    assert restored is not None
    assert restored.status is Status.CONNECTED


def test_no_backup_is_made_if_sessions_change_during_each_try(
    run: Run, motte: StateFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolls = iter(range(100))
    monkeypatch.setattr(
        BACKUP, "read_entries", lambda path: [copies.Entry(f"session-{next(rolls)}", "connected", None)]
    )
    result = run("backup", str(file))
    assert result.exit_code == 1
    assert "try again later" in result.stderr
    assert not file.exists()


def zero_a_page(database: Path) -> None:
    """What SQLite copies without a word."""
    with database.open("r+b") as file:
        file.seek(-PAGE, os.SEEK_END)
        file.write(bytes(PAGE))


def replace(database: Path) -> None:
    database.write_bytes(b"no database at all " * 300)


@pytest.mark.parametrize("harm", [zero_a_page, replace])
def test_damaged_credentials_are_left_out_and_reported_and_all_others_restored(
    run: Run, motte: StateFolder, other: StateFolder, file: Path, harm: Callable[[Path], None]
) -> None:
    add(motte, "cafe", Status.CONNECTED, phone="15550000001", linked=True)
    harm(motte.session("cafe").path / "connector.db")

    made = run("backup", str(file))
    assert made.exit_code == 7
    assert f"{file}: 3 sessions, 1 linked to an account, 2" in made.stdout
    assert "the credentials of cafe are damaged and were left out" in made.stderr
    again = run("backup", str(file), "--output", "json")
    assert (again.exit_code, json.loads(again.stdout)["damaged"]) == (7, ["cafe"])

    restored = run("restore", str(file), "--state", str(other.path))
    assert restored.exit_code == 7
    assert "Restored 3 sessions, 1 linked to an account, of " in restored.stdout
    assert "the credentials of cafe are damaged and were left out" in restored.stderr
    assert ids(other) == {"shop", "new", "cafe"}
    assert credentials(other) == credentials(motte)
    assert not (other.session("cafe").path / "connector.db").exists()


@pytest.mark.parametrize("harm", [zero_a_page, replace])
def test_a_backup_that_was_made_with_damage_in_it_restores_the_others(
    run: Run,
    motte: StateFolder,
    other: StateFolder,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[Path], None],
) -> None:
    add(motte, "cafe", Status.CONNECTED, phone="15550000001", linked=True)
    harm(motte.session("cafe").path / "connector.db")
    monkeypatch.setattr(BACKUP, "_copy_unless_damaged", Path.read_bytes)
    assert run("backup", str(file)).exit_code == 0

    restored = run("restore", str(file), "--state", str(other.path), "--output", "json")
    assert restored.exit_code == 7
    told = json.loads(restored.stdout)
    assert (told["sessions"], told["linked"], told["damaged"]) == (3, 1, ["cafe"])
    assert credentials(other) == credentials(motte)
    assert not (other.session("cafe").path / "connector.db").exists()


def test_no_backup_is_made_of_a_damaged_database(run: Run, motte: StateFolder, file: Path) -> None:
    zero_a_page(motte.database)
    result = run("backup", str(file))
    assert result.exit_code == 1
    assert "no backup was made" in result.stderr
    assert not file.exists()


def test_without_a_motte_there_is_nothing_to_back_up(run: Run, folder: StateFolder, file: Path) -> None:
    assert run("backup", str(file)).exit_code == 1
    assert not file.exists()
    assert not folder.path.exists()
