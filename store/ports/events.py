"""The port of the event log."""

from collections.abc import Collection
from typing import Protocol

from store.records.events import Event, EventPage
from store.records.sessions import Session


class EventLog(Protocol):
    """What happened, in the order in which it was committed, until it is forgotten.

    Numbers are those of events; each is visible before a greater one is. A store with more than one writer
    must make the writers wait for each other here, or a reader with a number would pass events over.
    """

    async def page(
        self,
        number: int,
        *,
        limit: int,
        sessions: Collection[str] | None = None,
        types: Collection[str] | None = None,
        size: int | None = None,
        known_from: int | None = None,
        known_to: int | None = None,
    ) -> EventPage:
        """The next events after a number, the oldest first; fewer than `limit` if they are large.

        known_from: the number of the newest event when the reader came. Of a session that was deleted before,
        it reads nothing, though another session may have the id now. It has a meaning only with `sessions`.
        None: it may read all.

        known_to: of a session that was made after this number it reads nothing, and `has_another` says so. It
        has a meaning only with one session. None: it may read all.

        size: a page ends after the event with which its data exceed so many bytes. None: 4 MiB.

        It looks at some thousand events at most: none may be found though some follow, and then `reached` is
        greater than `number`. sessions: whose events count, and nothing else shows in `reached`; None: all.
        types: None: all.
        """

    async def after(
        self,
        number: int,
        *,
        limit: int,
        sessions: Collection[str] | None = None,
        types: Collection[str] | None = None,
    ) -> list[Event]:
        """The events of such a page. An empty page without `types` is the end of the log."""

    async def of(self, session_id: str, after: int, limit: int) -> list[Event]:
        """The next events of one session after a number, the oldest first; fewer than `limit` if large."""

    async def begins_after(self, session_id: str) -> int:
        """The number of the newest event when the session was made; 0 if there is no such session."""

    async def floors(self, sessions: Collection[str], known_from: int) -> dict[str, int]:
        """The number up to which a reader reads nothing of each of these ids: see `page`."""

    async def newest(self, sessions: Collection[str] | None = None) -> int:
        """The number of the newest event, which may be forgotten; 0 before the first.

        sessions: whose events count; None: all.
        """

    async def log_id(self) -> str:
        """The name of this log: a new database and every restore begin another one."""

    async def cursor(self, number: int) -> str:
        """The cursor of the place behind a number, for callers. It says nothing of the number."""

    async def number(self, cursor: str) -> int | None:
        """The number of such a cursor; None if it is one of another log, or was never made."""

    async def before(self, at: int) -> int:
        """The number after which every event is that happened at a moment or later.

        at: milliseconds since 1970.
        """

    async def whole_after(self, sessions: Collection[str] | None = None) -> int:
        """The smallest number after which no event was removed. sessions: whose events count; None: all.

        A reader without a number begins here; a reader with a smaller one has missed events. Asked after a
        page was read, it says whether that page is whole.
        """

    async def sessions_now(self, among: Collection[str] | None = None) -> tuple[list[Session], int]:
        """The sessions, the oldest first, and the number of the newest event of them: both of one moment."""

    async def forget(self, before: int, *, below: int | None = None) -> bool:
        """Removes some of the oldest events that happened before a moment; whether there may be more of them.

        before: milliseconds since 1970. below: events with this number or a greater one stay; None: none do.
        """
