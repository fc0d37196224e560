"""What nobody needs any longer, in the record and in the state folder."""

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from server.connectors.credentials import is_linked, is_worth_keeping
from server.core.clock import Clock
from server.core.paths import StateFolder, is_session_id
from server.core.trash import Trash
from store.ports import Store
from store.records import Session, Status

#: A folder that is being removed begins with it: no session's id does.
GONE = ".gone-"

LOG = re.compile(r"connector-(?P<id>.+)\.log(\.[0-9]+)?")

#: Without a phone number, these have never been paired.
MAY_NEVER_BE_PAIRED = frozenset({Status.STARTING, Status.QR_WAITING, Status.STOPPED, Status.FAILED})


class Kind(StrEnum):
    """What it is; in this order they are removed."""

    SESSION = "session"
    PROGRAM = "program"
    FOLDER = "folder"
    TRASH = "discarded folder"
    LOG = "log"
    LEASE = "lease"
    ERRAND = "errand"


class Leftover(NamedTuple):
    """One thing that nobody needs."""

    kind: Kind
    #: Of a session, a program, a lease or an errand the session's id; else the file's name.
    name: str
    why: str


class Search:
    """Looks for leftovers; removes nothing."""

    def __init__(
        self,
        folder: StateFolder,
        store: Store,
        clock: Clock,
        *,
        older_than: float,
        linked_orphans: bool = False,
    ) -> None:
        """older_than: seconds since a session that is of no use has last changed.

        linked_orphans: whether the credentials of accounts that the record does not know are leftovers.
        """
        self._folder = folder
        self._store = store
        self._clock = clock
        self._older_than = older_than
        self._linked_orphans = linked_orphans

    async def run(self, programs: Collection[str] | None) -> list[Leftover]:
        """programs: those that supervisord has, by session id; None: nothing runs on the state folder."""
        folders = sorted(path.name for path in self._folder.sessions.glob("*") if _is_plain(path))
        logs = sorted(path.name for path in self._folder.logs.glob("connector-*"))
        # Rows come before their folders and programs, so these are read before the rows.
        sessions = await self._store.sessions.all()
        known = {session.id for session in sessions}
        return [
            *[Leftover(Kind.SESSION, one.id, why) for one in sessions if (why := await self.why(one))],
            *_programs(known, programs or ()),
            *(self.orphan(name) for name in folders if name not in known and self._is_taken(name)),
            *(Leftover(Kind.TRASH, path.name, "its days are over") for path in self._trash.overdue()),
            *_logs(logs, known),
            *(await self._rows(is_stopped=programs is None)),
        ]

    async def linked(self) -> list[Leftover]:
        """The folders of no session that hold an account's credentials."""
        folders = linked_folders(self._folder)
        known = {session.id for session in await self._store.sessions.all()}
        return [self.orphan(name) for name in folders if name not in known]

    async def why(self, session: Session) -> str | None:
        """Why nobody needs it; None: it stays."""
        why = self._why(session)
        if why is None or await self._store.messages.has_any(session.id):
            return None
        # The record may lag behind: what was scanned just before everything died is in the credentials.
        return None if is_worth_keeping(self._folder.session(session.id).path) else why

    def _why(self, session: Session) -> str | None:
        age = (self._clock.wall() - session.updated_at) / 1000
        if age < self._older_than:
            return None
        if session.status is Status.LOGGED_OUT:
            return f"logged out for {_span(age)}"
        if session.status not in MAY_NEVER_BE_PAIRED or session.phone_number is not None:
            return None
        return f"not paired, {session.status} for {_span(age)}"

    def _is_taken(self, name: str) -> bool:
        """Whether this orphan may go. A removal that was cut off goes on, whatever is left of the folder."""
        return self._linked_orphans or name.startswith(GONE) or not is_linked(self._folder.sessions / name)

    async def _rows(self, *, is_stopped: bool) -> list[Leftover]:
        """A lease of a session that is gone keeps its token growing, so it stays while a front runs."""
        leases = await self._store.leases.of_deleted_sessions() if is_stopped else []
        errands = await self._store.requests.expired(self._clock.boot())
        found = [Leftover(Kind.LEASE, name, "its session is gone") for name in leases]
        return found + [Leftover(Kind.ERRAND, name, "nobody waits for it") for name in errands]

    @property
    def _trash(self) -> Trash:
        return Trash(self._folder, self._clock)

    def orphan(self, name: str) -> Leftover:
        """A folder of no session."""
        linked = is_linked(self._folder.sessions / name)  # as it lies there: it may be none that has an id
        return Leftover(
            Kind.FOLDER, name, "its session is gone" + ", it holds the credentials of an account" * linked
        )


def linked_folders(folder: StateFolder) -> list[str]:
    """The folders that hold an account's credentials, by the ids that their sessions would have."""
    paths = (path for path in folder.sessions.glob("*") if is_session_id(path.name) and _is_plain(path))
    return sorted(path.name for path in paths if is_linked(path))


def logged(file: str) -> str | None:
    """The session whose log a file of this name is; None: it is none."""
    match = LOG.fullmatch(file)
    return match["id"] if match else None


def _programs(known: Collection[str], programs: Collection[str]) -> Iterator[Leftover]:
    for name in sorted(programs):
        if name not in known:
            yield Leftover(Kind.PROGRAM, name, "its session is gone")


def _logs(names: list[str], known: Collection[str]) -> Iterator[Leftover]:
    for name in names:
        session_id = logged(name)
        if session_id is not None and session_id not in known:
            yield Leftover(Kind.LOG, name, "its session is gone")


def _is_plain(path: Path) -> bool:
    """A folder that Motte may have made."""
    named = is_session_id(path.name) or path.name.startswith(GONE)
    return named and path.is_dir() and not path.is_symlink()


def _span(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"
