"""Finds what is no longer needed, in the database and in the state folder."""

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from server.connectors.credentials import is_linked, is_worth_keeping, linked_folders
from server.core.checked_clock import CheckedClock
from server.core.clock import Clock
from server.core.paths import StateFolder, is_session_id
from server.core.trash import Trash
from store.ports.store import Store
from store.records.sessions import Session, Status

#: Beginning of the name of a folder that is being removed. No session id begins so.
REMOVING_PREFIX = ".gone-"

LOG_FILE = re.compile(r"connector-(?P<id>.+)\.log(\.[0-9]+)?")

#: Why something without a session is not needed.
GONE = "its session is gone"

#: Sessions in these have never been paired if they have no phone number.
MAY_NEVER_BE_PAIRED = frozenset({Status.STARTING, Status.QR_WAITING, Status.STOPPED, Status.FAILED})


class Kind(StrEnum):
    """Kinds of leftovers, in the order in which they are removed."""

    SESSION = "session"
    PROGRAM = "program"
    FOLDER = "folder"
    TRASH = "discarded folder"
    LOG = "log"
    LEASE = "lease"
    REQUEST = "request"


class Leftover(NamedTuple):
    """One thing that is no longer needed."""

    kind: Kind
    #: The session's id of a session, a program, a lease or a request; the file's name of other kinds.
    name: str
    why: str


class Search:
    """Searches for leftovers. It removes nothing."""

    def __init__(
        self,
        folder: StateFolder,
        store: Store,
        clock: Clock,
        *,
        older_than: float,
        linked_orphans: bool = False,
    ) -> None:
        """older_than: seconds since the last change of a session that can be removed.

        linked_orphans: whether the credentials of accounts without a session in the database are leftovers.
        """
        self._folder = folder
        self._store = store
        self._clock = clock
        self._checked = CheckedClock(clock, folder.clock)
        self._checked.load()
        self._older_than = older_than
        self._linked_orphans = linked_orphans

    async def run(self, programs: Collection[str] | None) -> list[Leftover]:
        """Returns all leftovers. programs: session ids of running connectors; None if Motte is stopped."""
        folders = sorted(path.name for path in self._folder.sessions.glob("*") if _is_plain(path))
        logs = sorted(path.name for path in self._folder.logs.glob("connector-*"))
        # A row is written before its folder and program exist, so these are read before the rows.
        sessions = await self._store.sessions.all()
        known = {session.id for session in sessions}
        overdue = Trash(self._folder, self._clock).overdue(self._now)
        return [
            *[Leftover(Kind.SESSION, one.id, why) for one in sessions if (why := await self.why(one))],
            *(Leftover(Kind.PROGRAM, name, GONE) for name in sorted(programs or ()) if name not in known),
            *(self.orphan(name) for name in folders if name not in known and self._is_taken(name)),
            *(Leftover(Kind.TRASH, path.name, "it was kept long enough") for path in overdue),
            *_logs(logs, known),
            *(await self._rows()),
        ]

    async def linked(self) -> list[Leftover]:
        """Returns the folders without a session that hold an account's credentials."""
        folders = linked_folders(self._folder)
        known = {session.id for session in await self._store.sessions.all()}
        return [self.orphan(name) for name in folders if name not in known]

    async def why(self, session: Session) -> str | None:
        """Returns why a session is no longer needed; None if it is kept."""
        why = self._why(session)
        if why is None or await self._store.messages.has_any(session.id):
            return None
        # The database may lag behind: a scan just before a crash is only in the credentials.
        return None if is_worth_keeping(self._folder.session(session.id).path) else why

    def _why(self, session: Session) -> str | None:
        age = (self._now - session.updated_at) / 1000
        if age < self._older_than:
            return None
        if session.status is Status.LOGGED_OUT:
            return f"logged out for {_age_text(age)}"
        if session.status not in MAY_NEVER_BE_PAIRED or session.phone_number is not None:
            return None
        return f"not paired, {session.status} for {_age_text(age)}"

    @property
    def _now(self) -> int:
        """Milliseconds since 1970 that have passed for certain. Until a front knows, wall time counts."""
        certain = self._checked.certain()
        return self._clock.wall() if certain is None else certain

    def _is_taken(self, name: str) -> bool:
        """Whether this orphan may be removed. An interrupted removal is always completed."""
        return (
            self._linked_orphans
            or name.startswith(REMOVING_PREFIX)
            or not is_linked(self._folder.sessions / name)
        )

    async def _rows(self) -> list[Leftover]:
        leases = await self._store.leases.of_deleted_sessions()
        requests = await self._store.requests.expired(self._clock.boot())
        found = [Leftover(Kind.LEASE, name, GONE) for name in leases]
        return found + [Leftover(Kind.REQUEST, name, "nobody waits for it") for name in requests]

    def orphan(self, name: str) -> Leftover:
        """Describes a folder without a session."""
        linked = is_linked(self._folder.sessions / name)  # the name may be no session id
        return Leftover(Kind.FOLDER, name, GONE + ", it holds the credentials of an account" * linked)


def logged(file: str) -> str | None:
    """Returns the session whose log a file has; None if it is no connector's log."""
    match = LOG_FILE.fullmatch(file)
    return match["id"] if match else None


def _logs(names: list[str], known: Collection[str]) -> Iterator[Leftover]:
    for name in names:
        session_id = logged(name)
        if session_id is not None and session_id not in known:
            yield Leftover(Kind.LOG, name, GONE)


def _is_plain(path: Path) -> bool:
    """Whether Motte may have made this folder."""
    named = is_session_id(path.name) or path.name.startswith(REMOVING_PREFIX)
    return named and path.is_dir() and not path.is_symlink()


def _age_text(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"
