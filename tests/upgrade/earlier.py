"""State folders of earlier versions, made again from what is kept of them as text."""

import sqlite3
from contextlib import closing
from pathlib import Path

from server.core.paths import StateFolder
from tests.support.serve import API_KEY

RELEASE_0_1_0 = Path(__file__).with_name("release_0_1_0")

#: Its two API keys. The first is the one of the end-to-end tests.
ADMIN = API_KEY
READER = "motte_VJpMrTI_IazFBMxFTC6VbYxNlvC-SDu_K5EclZ0SaJQ"


def make(folder: StateFolder, kept: Path) -> Path:
    """Makes a state folder. Returns a file with the state of the sandbox that knows its devices."""
    folder.path.mkdir(mode=0o700)
    folder.logs.mkdir(mode=0o700)
    folder.sessions.mkdir(mode=0o700)
    _database(folder.database, kept / "motte.sql")
    folder.link_key.touch(mode=0o600)
    folder.link_key.write_bytes(bytes.fromhex((kept / "link.key").read_text()))
    for dump in (kept / "sessions").glob("*.sql"):
        session = folder.session(dump.stem)
        session.path.mkdir(mode=0o700)
        _database(connector_database(folder, dump.stem), dump)
    sandbox = folder.path / "sandbox.state"
    sandbox.touch(mode=0o600)
    sandbox.write_text((kept / "sandbox.json").read_text())
    return sandbox


def connector_database(folder: StateFolder, session_id: str) -> Path:
    return folder.session(session_id).path / "connector.db"


def name_server(folder: StateFolder, session_id: str, server: str) -> None:
    """Stores with which server an account is linked, as connectors have done since 0.2.0."""
    with closing(sqlite3.connect(connector_database(folder, session_id))) as connection, connection:
        connection.execute("INSERT INTO facts VALUES ('server', ?)", (server,))


def _database(path: Path, dump: Path) -> None:
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(dump.read_text())
