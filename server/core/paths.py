"""Where everything that lasts is kept: the paths of the state folder."""

import re
from pathlib import Path
from typing import NamedTuple

#: What a session may be called. Held against the whole text: `$` would let a newline through.
SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def is_session_id(text: str) -> bool:
    """Whether a session may have this id: it becomes the name of a folder, of files, of a program."""
    return SESSION_ID.fullmatch(text) is not None


class SessionFolder(NamedTuple):
    """One session's folder. The front makes it and its pipes; the connector keeps its record there."""

    path: Path

    @property
    def commands(self) -> Path:
        """The pipe down to the connector."""
        return self.path / "commands.fifo"

    @property
    def events(self) -> Path:
        """The pipe up from the connector."""
        return self.path / "events.fifo"


class StateFolder(NamedTuple):
    """The folder that `MOTTE_STATE` names. Files are 0600, folders 0700."""

    path: Path

    @property
    def database(self) -> Path:
        """The record: SQLite, written by Python alone."""
        return self.path / "motte.db"

    @property
    def admin_key(self) -> Path:
        """The first admin key, so that local commands work."""
        return self.path / "admin.key"

    @property
    def link_key(self) -> Path:
        """What signs the links that are sent out; every front of this folder has the same."""
        return self.path / "link.key"

    @property
    def front(self) -> Path:
        """Where the running front listens, as JSON: `url`, `pid`."""
        return self.path / "front.json"

    @property
    def lock(self) -> Path:
        """Held by the front that owns the pipes."""
        return self.path / "front.lock"

    @property
    def wakeup_pipe(self) -> Path:
        """The pipe on which other fronts wake the one that owns the pipes."""
        return self.path / "front.fifo"

    @property
    def sandbox(self) -> Path:
        """Where the running sandbox listens, as JSON: `url`, `rootKey`, `controlUrl`."""
        return self.path / "sandbox.json"

    @property
    def whatsapp_version(self) -> Path:
        """What the front knows of WhatsApp's versions, as JSON."""
        return self.path / "whatsapp-version.json"

    @property
    def supervisor_socket(self) -> Path:
        """supervisord's XML-RPC."""
        return self.path / "supervisor.sock"

    @property
    def logs(self) -> Path:
        """A log a process."""
        return self.path / "logs"

    @property
    def cache(self) -> Path:
        """What Node has compiled: connectors start faster with it, and it may be removed at any time."""
        return self.path / "cache"

    @property
    def trash(self) -> Path:
        """Folders of sessions that were discarded, kept for a while (trash.py)."""
        return self.path / "trash"

    @property
    def sessions(self) -> Path:
        """A folder a session."""
        return self.path / "sessions"

    def session(self, session_id: str) -> SessionFolder:
        """The folder of one session.

        Raises ValueError: ids are checked where they come in, and one that is none must reach no path.
        """
        if not is_session_id(session_id):
            raise ValueError("not a session id")
        return SessionFolder(self.sessions / session_id)
