"""What happened to the sessions of this host, numbered, and kept for a while for whoever follows it."""

import asyncio
import secrets
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from server.core.errors import MotteError
from store.records import Session

#: Entries that are kept. A follower that is further behind than that has lost its place.
KEPT = 1024


class Kind(StrEnum):
    """What an entry tells; callers read these words."""

    STATUS = "session.status"  # the status, the reason, the name or the account is new, or its code is dead
    QR = "session.qr"  # there is a new code to scan
    DELETED = "session.deleted"  # it is no more


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    #: From 1, without gaps.
    number: int
    kind: Kind
    session_id: str
    #: As it was then; None: it was deleted.
    session: Session | None


class Lost(Exception):
    """Some of what came after this number is not kept any more."""


class Feed:
    """The newest entries. Each follower has its own place among them, and none is waited for."""

    def __init__(self, sessions: Iterable[Session] = (), *, kept: int = KEPT) -> None:
        """sessions: as they are when the feed begins."""
        #: Told apart from every other feed: a front that starts anew counts from 1 again.
        self.name = secrets.token_hex(4)
        #: The number of the newest entry.
        self.last = 0
        #: Set while anybody follows.
        self.is_followed = asyncio.Event()
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._known = {session.id: session for session in sessions}
        self._followers = 0
        self._bell = asyncio.Event()
        self._closed: MotteError | None = None

    def see(self, session_id: str, session: Session | None) -> None:
        """The session as it now is; None: it was deleted. Adds what is new about it."""
        before = self._known.pop(session_id, None)
        if session is None:
            self._add(Kind.DELETED, session_id, None)
            return
        if before is not None and before.created_at != session.created_at:
            self._add(Kind.DELETED, session_id, None)
            before = None
        self._known[session_id] = session
        if before is None or _standing(before) != _standing(session) or _has_lost_its_code(before, session):
            self._add(Kind.STATUS, session_id, session)
        if session.qr is not None and (before is None or before.qr != session.qr):
            self._add(Kind.QR, session_id, session)

    def see_all(self, sessions: Iterable[Session]) -> None:
        """Every session there is: what is not among them was deleted."""
        present = {session.id: session for session in sessions}
        for session_id in self._known.keys() - present.keys():
            self.see(session_id, None)
        for session in present.values():
            self.see(session.id, session)

    def keeps(self, number: int) -> bool:
        """Whether everything after this number can still be told."""
        return self.last - len(self._entries) <= number <= self.last

    def since(self, number: int) -> list[Entry]:
        """The entries after this number. Raises Lost."""
        if not self.keeps(number):
            raise Lost
        return list(islice(self._entries, len(self._entries) - (self.last - number), None))

    async def more(self, number: int) -> list[Entry]:
        """The same, once there is at least one. Raises Lost, and the error with which the feed was closed."""
        while number == self.last:
            if self._closed is not None:
                raise self._closed
            await self._bell.wait()
        return self.since(number)

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Somebody follows while the block runs."""
        self._followers += 1
        self.is_followed.set()
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                self.is_followed.clear()

    def close(self, error: MotteError) -> None:
        """End the wait of every follower with this error, and those to come."""
        self._closed = error
        self._ring()

    def _add(self, kind: Kind, session_id: str, session: Session | None) -> None:
        self.last += 1
        self._entries.append(Entry(self.last, kind, session_id, session))
        self._ring()

    def _ring(self) -> None:
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()


def _has_lost_its_code(before: Session, session: Session) -> bool:
    """Whether who shows the code has to take it away before the clock says so."""
    return before.qr is not None and session.qr is None


def _standing(session: Session) -> Session:
    """What callers see of it beside its code."""
    return replace(session, qr=None, epoch=0, have=0, updated_at=0)
