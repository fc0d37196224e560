"""A byte of motte.db that has changed is one sentence with what to do, in every command."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import main
from server.core.paths import StateFolder
from store.records.sessions import Status
from store.sqlite.read_only import SUFFIXES
from tests.cli.samples import add, furnish

#: What is in the file, and what one changed bit makes of it.
FLIPS = (
    (b"CREATE TABLE sessions", b"CREATE TABLE sesrions"),
    (b"CREATE TABLE keys", b"CREATE TABLE k\xe5ys"),
    (b"shown_expires_at, boot_id", b"shown_expirew_at, boot_id"),
    (b"device_name TEXT", b"device_jame TEXT"),
    (b"last_used_at INTEGER", b"last_use\xe4_at INTEGER"),
    (b"boot_id TEXT NOT NULL", b"boot_id\x00TEXT NOT NULL"),
    (b"tablesessions", b"tablesesrions"),
    (b"SQLite format 3", b"SQLite formaT 3"),
    (b"failed", b"faileD"),
)

COMMANDS = (
    ("keys", "list"),
    ("keys", "create", "more", "--scope", "admin"),
    ("keys", "revoke", "admin"),
    ("sessions", "list"),
    ("sessions", "show", "shop"),
    ("sessions", "delete", "shop", "--yes"),
    ("cleanup", "--dry-run"),
    ("backup", "FILE"),
    ("doctor",),
)


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    furnish(folder)
    add(folder, "shop", Status.FAILED, phone="15551234567", linked=True)
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.mark.parametrize(("whole", "changed"), FLIPS)
def test_no_command_ends_with_a_traceback(
    motte: StateFolder, tmp_path: Path, whole: bytes, changed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_STATE", str(motte.path))
    content = motte.database.read_bytes()
    assert whole in content
    damaged = content.replace(whole, changed, 1)
    sentences = []
    for command in COMMANDS:
        for suffix in SUFFIXES[1:]:
            Path(f"{motte.database}{suffix}").unlink(missing_ok=True)
        motte.database.write_bytes(damaged)
        arguments = [str(tmp_path / "backup.tar") if word == "FILE" else word for word in command]
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            command,
            result.exc_info,
        )
        assert "Traceback" not in result.output
        if result.exit_code:
            sentences.append(result.output)
    assert any("motte restore" in sentence for sentence in sentences)
