"""Buffer of the newest events of all sessions of this host, numbered, for server-sent events."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import islice
from operator import attrgetter

from server.core.errors import MotteError
from store.records.sessions import Session

#: Entries that the buffer keeps. A stream that is further behind is ended.
MAX_ENTRIES = 1024

#: Fields of a session that callers do not see, and its code, which has entries of its own.
_NOT_COMPARED = {"qr", "epoch", "have", "updated_at", "is_restored"}

#: What callers see of a session, without its code: compared for each event of a connector.
_without_code = attrgetter(*(field.name for field in fields(Session) if field.name not in _NOT_COMPARED))


class Kind(StrEnum):
    """The kind of an entry, as callers see it."""

    STATUS = "session.status"  # a new status, reason, name or account; or its code was invalidated
    QR = "session.qr"  # a new code to scan
    DELETED = "session.deleted"  # the session was deleted


@dataclass(frozen=True, slots=True)
class Entry:
    """One event."""

    #: From 1, without gaps. It counts the events of all sessions, so clients do not see it.
    number: int
    #: What clients see instead: random text.
    event_id: str
    kind: Kind
    session_id: str
    #: The session after the event; None: it was deleted.
    session: Session | None
    #: Whether the session has a new code, or its code was withdrawn.
    changes_code: bool = False


class Lost(Exception):
    """Entries after this number are no longer kept."""


class EventBuffer:
    """A buffer of the newest entries. Each stream reads at its own speed; the buffer waits for no stream."""

    def __init__(
        self,
        sessions: Iterable[Session] = (),
        *,
        kept: int = MAX_ENTRIES,
        on_entry: Callable[[], None] = lambda: None,
    ) -> None:
        """sessions: every session at the beginning of the buffer. on_entry: called after each new entry."""
        self._on_entry = on_entry
        #: The number of the newest entry.
        self.last = 0
        #: The id of the moment before the first entry.
        self.beginning = _new_id()
        #: Numbers by id. No other buffer has these ids, also of an earlier run.
        self._numbers = {self.beginning: 0}
        #: Set while a stream follows.
        self.is_followed = asyncio.Event()
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._known = {session.id: session for session in sessions}
        self._followers = 0
        self._changed = asyncio.Event()
        self._closed: MotteError | None = None

    def see(self, session_id: str, session: Session | None) -> None:
        """Adds entries for what changed. session: as it is now; None: it was deleted."""
        before = self._known.pop(session_id, None)
        if session is None:
            self._add(Kind.DELETED, session_id, None)
            return
        if before is not None and before.created_at != session.created_at:
            self._add(Kind.DELETED, session_id, None)
            before = None
        self._known[session_id] = session
        has_lost = before is not None and _has_lost_its_code(before, session)
        if before is None or _without_code(before) != _without_code(session) or has_lost:
            self._add(Kind.STATUS, session_id, session, changes_code=has_lost)
        if session.qr is not None and (before is None or before.qr != session.qr):
            self._add(Kind.QR, session_id, session, changes_code=True)

    def see_all(self, sessions: Iterable[Session]) -> None:
        """Adds entries for what changed. sessions: every session; a session that is missing was deleted."""
        present = {session.id: session for session in sessions}
        for session_id in self._known.keys() - present.keys():
            self.see(session_id, None)
        for session in present.values():
            self.see(session.id, session)

    def keeps(self, number: int) -> bool:
        """Whether the buffer still has all entries after this number."""
        return self.last - len(self._entries) <= number <= self.last

    def since(self, number: int) -> list[Entry]:
        """Returns the entries after this number. Raises Lost."""
        if not self.keeps(number):
            raise Lost
        return list(islice(self._entries, len(self._entries) - (self.last - number), None))

    async def more(self, number: int) -> list[Entry]:
        """Returns the entries after this number, when there is one. Raises Lost, and the error of `close`."""
        while number == self.last:
            if self._closed is not None:
                raise self._closed
            await self._changed.wait()
        return self.since(number)

    async def codes(self) -> AsyncGenerator[Session]:
        """Yields each session that has a new code, from now on. Ends when the buffer is closed."""
        number = self.last
        while self._closed is None:
            while number == self.last and self._closed is None:
                await self._changed.wait()
            entries = self.since(number) if self.keeps(number) else []
            number = self.last
            for entry in entries:
                if entry.kind is Kind.QR and entry.session is not None:
                    yield entry.session

    def number(self, event_id: str) -> int | None:
        """Returns the number of an entry; None if the buffer does not have all entries after it."""
        number = self._numbers.get(event_id)
        return number if number is not None and self.keeps(number) else None

    def last_id(self, concerns: Callable[[str], bool]) -> str:
        """Returns the id of the newest entry that concerns a client. No other entry may show.

        concerns: whether a session does.
        """
        entries = (entry for entry in reversed(self._entries) if concerns(entry.session_id))
        return next((entry.event_id for entry in entries), self.beginning)

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Counts a stream that follows, while the block runs."""
        self._followers += 1
        self.is_followed.set()
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                self.is_followed.clear()

    def close(self, error: MotteError) -> None:
        """Ends every current and later wait in `more` with this error."""
        self._closed = error
        self._wake()

    def _add(
        self, kind: Kind, session_id: str, session: Session | None, *, changes_code: bool = False
    ) -> None:
        if len(self._entries) == self._entries.maxlen:
            del self._numbers[self._entries[0].event_id]
        self.last += 1
        entry = Entry(self.last, _new_id(), kind, session_id, session, changes_code)
        self._entries.append(entry)
        self._numbers[entry.event_id] = entry.number
        self._wake()
        self._on_entry()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _new_id() -> str:
    return secrets.token_hex(8)


def _has_lost_its_code(before: Session, session: Session) -> bool:
    """Whether the code was invalidated before it expired."""
    return before.qr is not None and session.qr is None
