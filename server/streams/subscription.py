"""What a stream tells its reader: what was missed, or how things stand, and then whatever happens."""

import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from server.streams.feed import Feed, Kind
from store.ports import SessionStore
from store.records import Session

_PLACE = re.compile(r"(?P<feed>[0-9a-f]+)-(?P<number>[0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class Reset:
    """What the reader knew is not to be built on: how each session stands follows, then Stood."""


@dataclass(frozen=True, slots=True)
class Update:
    """What is to be told of a session."""

    kind: Kind
    session_id: str
    #: None: it was deleted.
    session: Session | None
    #: Where the reader is with it; None: in the midst of how things stand.
    place: str | None


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How each session stands was told."""

    #: Where the reader is with it.
    place: str


class FeedSubscription:
    """One reader's way through a feed."""

    def __init__(
        self, feed: Feed, record: SessionStore, *, sees: Callable[[str], bool], only: str | None = None
    ) -> None:
        """sees: whether the reader may know of a session. only: the one it asks for; None: all of them."""
        self._feed = feed
        self._record = record
        self._sees = sees
        self._only = only

    async def go(self, place: str | None) -> AsyncGenerator[Reset | Update | CaughtUp]:
        """For ever. place: where the reader was last, at whichever front; None: it is new.

        Raises Lost where the reader cannot keep up, and the error with which the feed was closed.
        """
        with self._feed.followed():
            number = self._number(place)
            if number is None:
                number, sessions = await self._standing()
                yield Reset()
                if self._only is not None and not sessions:  # Deleted while the reader came.
                    yield Update(Kind.DELETED, self._only, None, self._text(number))
                for session in sessions:
                    yield Update(Kind.STATUS, session.id, session, None)
                yield CaughtUp(self._text(number))
            while True:
                for entry in await self._feed.more(number):
                    number = entry.number
                    if self._concerns(entry.session_id):
                        yield Update(entry.kind, entry.session_id, entry.session, self._text(number))

    async def _standing(self) -> tuple[int, list[Session]]:
        """How each session stands, and the number of the last entry that is in that. Raises Lost."""
        before = self._feed.last
        sessions = {session.id: session for session in await self._rows()}
        for entry in self._feed.since(before):  # told while the record was read
            if entry.session is None:
                sessions.pop(entry.session_id, None)
            else:
                sessions[entry.session_id] = entry.session
        return self._feed.last, [session for session in sessions.values() if self._concerns(session.id)]

    async def _rows(self) -> list[Session]:
        if self._only is None:
            return await self._record.all()
        session = await self._record.get(self._only)
        return [] if session is None else [session]

    def _concerns(self, session_id: str) -> bool:
        return self._only in (None, session_id) and self._sees(session_id)

    def _number(self, place: str | None) -> int | None:
        """None: the reader is new, or was at a place that this feed does not know or keep."""
        match = _PLACE.fullmatch(place or "")
        if match is None or match["feed"] != self._feed.name or not self._feed.keeps(int(match["number"])):
            return None
        return int(match["number"])

    def _text(self, number: int) -> str:
        return f"{self._feed.name}-{number}"
