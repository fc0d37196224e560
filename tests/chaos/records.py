"""The files that must survive whatever is killed."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from server.core.paths import SessionFolder, StateFolder
from tests.soak.tally import Tally


def identity_in(folder: SessionFolder) -> str:
    """The key by which WhatsApp knows a session's device."""
    with closing(_opened(folder.path / "connector.db")) as record:
        (creds,) = record.execute("SELECT value FROM credentials WHERE kind = 'creds'").fetchone()
    return json.dumps(json.loads(creds)["signedIdentityKey"]["public"])


def check_records(folder: StateFolder, tally: Tally) -> None:
    """Reports each database that is damaged, and credentials that cannot be read."""
    for path in [folder.database, *folder.sessions.glob("*/connector.db")]:
        try:
            _check(path)
        except (sqlite3.Error, ValueError, AssertionError) as error:
            tally.find("broken record", f"{path.relative_to(folder.path)}: {error!r}")
        tally.count("records", "checked")


def _check(path: Path) -> None:
    with closing(_opened(path)) as record:
        assert record.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert record.execute("PRAGMA foreign_key_check").fetchall() == []
        if path.name == "connector.db":
            for (value,) in record.execute("SELECT value FROM credentials"):
                json.loads(value)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
