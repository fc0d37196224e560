"""What a stream sends: the missed events or a snapshot of the sessions, then every new event."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from server.streams.event_buffer import EventBuffer, Kind
from store.ports.sessions import SessionStore
from store.records.sessions import Session


@dataclass(frozen=True, slots=True)
class Reset:
    """The client must discard its state. A snapshot of every session follows, ended by CaughtUp."""


@dataclass(frozen=True, slots=True)
class Update:
    """An event of a session, or the session in a snapshot."""

    kind: Kind
    session_id: str
    #: None: the session was deleted.
    session: Session | None
    #: The id of the event; None: in a snapshot.
    event_id: str | None


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The snapshot is complete."""

    #: The id of the last event of these sessions that the snapshot contains.
    event_id: str


class FeedSubscription:
    """Reads the feed for one stream."""

    def __init__(
        self,
        feed: EventBuffer,
        sessions: SessionStore,
        *,
        sees: Callable[[str], bool],
        only: str | None = None,
    ) -> None:
        """sees: whether the client may see a session. only: the requested session; None: all sessions."""
        self._feed = feed
        self._sessions = sessions
        self._sees = sees
        self._only = only

    async def items(self, last_event_id: str | None) -> AsyncGenerator[Reset | Update | CaughtUp]:
        """Yields for ever. last_event_id: of the client's previous stream, from any front; None: it is new.

        Raises Lost if the client falls behind the buffer, and the error with which the feed was closed.
        """
        with self._feed.followed():
            number = self._feed.number(last_event_id or "")
            if number is None:
                number, sessions = await self._snapshot()
                event_id = self._feed.last_id(self._concerns)
                yield Reset()
                if self._only is not None and not sessions:  # Deleted while the stream began.
                    yield Update(Kind.DELETED, self._only, None, event_id)
                for session in sessions:
                    yield Update(Kind.STATUS, session.id, session, None)
                yield CaughtUp(event_id)
            while True:
                for entry in await self._feed.more(number):
                    number = entry.number
                    if self._concerns(entry.session_id):
                        yield Update(entry.kind, entry.session_id, entry.session, entry.event_id)

    async def _snapshot(self) -> tuple[int, list[Session]]:
        """Returns the number of the last entry and the sessions after that entry. Raises Lost."""
        before = self._feed.last
        sessions = {session.id: session for session in await self._rows()}
        for entry in self._feed.since(before):  # added while the store was read
            if entry.session is None:
                sessions.pop(entry.session_id, None)
            else:
                sessions[entry.session_id] = entry.session
        return self._feed.last, [session for session in sessions.values() if self._concerns(session.id)]

    async def _rows(self) -> list[Session]:
        if self._only is None:
            return await self._sessions.all()
        session = await self._sessions.get(self._only)
        return [] if session is None else [session]

    def _concerns(self, session_id: str) -> bool:
        return self._only in (None, session_id) and self._sees(session_id)
