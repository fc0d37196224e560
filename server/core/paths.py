"""Paths of the state folder, which holds everything that lasts."""

import re
from pathlib import Path
from typing import NamedTuple

#: Pattern of a session id. Use `fullmatch`: `$` would accept a newline at the end.
SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def is_session_id(text: str) -> bool:
    """Whether a session may have this id. It becomes the name of a folder, of files and of a program."""
    return SESSION_ID.fullmatch(text) is not None


class SessionFolder(NamedTuple):
    """Folder of one session. The front makes it and its pipes; the connector keeps its database there."""

    path: Path

    @property
    def commands(self) -> Path:
        """Pipe from the front to the connector."""
        return self.path / "commands.fifo"

    @property
    def events(self) -> Path:
        """Pipe from the connector to the front."""
        return self.path / "events.fifo"


class StateFolder(NamedTuple):
    """Folder that `MOTTE_STATE` names. Files in it are 0600, folders 0700."""

    path: Path

    @property
    def database(self) -> Path:
        """The store: an SQLite database that only Python writes."""
        return self.path / "motte.db"

    @property
    def admin_key(self) -> Path:
        """The first admin key, for commands on this host."""
        return self.path / "admin.key"

    @property
    def link_key(self) -> Path:
        """The key that signs scan links. All fronts of this folder share it."""
        return self.path / "link.key"

    @property
    def front(self) -> Path:
        """Address of the running front, as JSON: `url`, `pid`."""
        return self.path / "front.json"

    @property
    def lock(self) -> Path:
        """Lock of the leader: the front that owns the pipes."""
        return self.path / "front.lock"

    @property
    def wakeup_pipe(self) -> Path:
        """Pipe through which followers notify the leader."""
        return self.path / "front.fifo"

    @property
    def deliverer(self) -> Path:
        """Folder of the process that delivers to webhooks: its lock, and temporary files of SQLite."""
        return self.path / "deliverer"

    @property
    def deliverer_lock(self) -> Path:
        """Lock of the process that delivers to webhooks."""
        return self.deliverer / "lock"

    @property
    def sandbox(self) -> Path:
        """Addresses of the running sandbox, as JSON: `url`, `rootKey`, `controlUrl`."""
        return self.path / "sandbox.json"

    @property
    def whatsapp_version(self) -> Path:
        """Cache of WhatsApp's versions, as JSON."""
        return self.path / "whatsapp-version.json"

    @property
    def clock(self) -> Path:
        """What the leader believes of the wall clock, as JSON (checked_clock.py)."""
        return self.path / "clock.json"

    @property
    def supervisor_socket(self) -> Path:
        """Socket of supervisord's XML-RPC."""
        return self.path / "supervisor.sock"

    @property
    def logs(self) -> Path:
        """One log for each process."""
        return self.path / "logs"

    @property
    def cache(self) -> Path:
        """Node's compile cache. Connectors start faster with it; it may be removed at any time."""
        return self.path / "cache"

    @property
    def trash(self) -> Path:
        """Folders of discarded sessions, which are kept for some days (trash.py)."""
        return self.path / "trash"

    @property
    def spares(self) -> Path:
        """One folder for each warm spare. It becomes the folder of the session that the spare is given to."""
        return self.path / "spares"

    @property
    def sessions(self) -> Path:
        """One folder for each session."""
        return self.path / "sessions"

    def session(self, session_id: str) -> SessionFolder:
        """Returns the folder of one session.

        Raises ValueError if the id is invalid. Ids are validated where they come in; this is a second check.
        """
        if not is_session_id(session_id):
            raise ValueError("not a session id")
        return SessionFolder(self.sessions / session_id)

    def spare(self, name: str) -> SessionFolder:
        """Returns the folder of a warm spare, which has what the folder of a new session has."""
        return SessionFolder(self.spares / name)
