"""What Python reads of a session's connector.db. Its connector alone writes there, and may be running."""

import sqlite3
from pathlib import Path

from server.core.paths import StateFolder, is_session_id
from store.errors import StoreUnavailable
from store.sqlite.integrity import inspect
from store.sqlite.read_only import read_database

#: Its name in the session's folder.
FILE = "connector.db"

#: The real WhatsApp, as the server with which an account was linked.
WHATSAPP = "whatsapp"

#: Its newest schema that this Motte understands (connector/storage/schema.js).
SCHEMA = 7


def fault(folder: Path) -> str | None:
    """Why a session's folder cannot act for its account, in a few words; None: it can."""
    path = folder / FILE
    if not path.exists():
        return "missing"
    try:
        seen = inspect(path)
    except StoreUnavailable:
        return "cannot be read"
    if seen.damage:
        return "damaged"
    if seen.schema > SCHEMA:
        return "a newer Motte's"
    return None if is_linked(folder) else "without an account"


def is_linked(folder: Path) -> bool:
    """Whether an account knows the device whose credentials are in a session's folder.

    A file that cannot be read counts as linked: it may hold what nobody can make again. One without tables,
    or with its first change half done, holds nothing: its connector was killed in its first moments.
    """
    path = folder / FILE
    if not path.exists():
        return False
    try:
        with read_database(path) as connection:
            if connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None:
                return False
            row = connection.execute(
                """
                SELECT json_extract(value, '$.account') IS NOT NULL
                FROM credentials
                WHERE kind = 'creds' AND id = ''
                """
            ).fetchone()
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_READONLY_ROLLBACK
    return bool(row and row[0])


def linked_folders(folder: StateFolder) -> list[str]:
    """Returns the names of the folders that hold an account's credentials: the ids of their sessions."""
    paths = (path for path in folder.sessions.glob("*") if is_session_id(path.name))
    return sorted(path.name for path in paths if path.is_dir() and not path.is_symlink() and is_linked(path))


def linked_server(folder: Path) -> str:
    """Which server the account of a session's folder was linked with.

    connector/session/server_identity.js writes it.

    `whatsapp` for the real one, else the root key of a test server in hex. Credentials that do not say it,
    or that cannot be read, are taken for WhatsApp's own: these are the ones that nobody can make again.
    """
    path = folder / FILE
    try:
        with read_database(path) as connection:
            row = connection.execute("SELECT value FROM facts WHERE name = 'server'").fetchone()
    except sqlite3.Error:
        return WHATSAPP
    return str(row[0]) if row else WHATSAPP


def is_worth_keeping(folder: Path) -> bool:
    """Whether a session's folder holds something that nobody can make again.

    That is an account's credentials, a file that cannot be read, or messages that no front has stored yet.
    """
    return is_linked(folder) or _has_unread(folder / FILE)


def _has_unread(path: Path) -> bool:
    """Whether messages wait for a front."""
    if not path.exists():
        return False
    try:
        with read_database(path) as connection:
            row = connection.execute(
                """
                SELECT 1
                FROM spool
                WHERE json_extract(event, '$.event') = 'message_received'
                LIMIT 1
                """
            ).fetchone()
            return row is not None
    except sqlite3.Error:
        return False  # one without that table holds none; any other that cannot be read counts as linked
