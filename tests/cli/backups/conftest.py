"""A state folder to back up, and one to restore to."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.samples import add, furnish


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    """One with a paired session, a key file, and a session whose connector never ran."""
    furnish(folder)
    add(folder, "shop", Status.CONNECTED, phone="15551234567", linked=True)
    add(folder, "new", Status.STARTING)
    (folder.session("new").path / "connector.db").unlink()
    folder.admin_key.write_text("motte_key\n")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.tar"


@pytest.fixture
def other(tmp_path: Path) -> StateFolder:
    """Where backups are restored; not made yet."""
    return StateFolder(tmp_path / "other")


def credentials(folder: StateFolder, session_id: str = "shop") -> str:
    with closing(sqlite3.connect(folder.session(session_id).path / "connector.db")) as connection:
        return str(connection.execute("SELECT value FROM credentials").fetchone()[0])
