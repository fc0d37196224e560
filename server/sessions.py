"""The rules of sessions: how one is made, read, moved by its connector, and removed."""

import asyncio
import logging

from server.changes import Change, Changes
from server.clock import Clock
from server.commands import Logout
from server.connectors import Connectors
from server.errors import NoSuchSession, SessionExists, SupervisorUnavailable
from server.events import AnyEvent, LoggedOut
from server.refresh import Refresh
from server.states import PAIRED
from server.transitions import Now, after, is_stale
from store.errors import SessionExists as RowExists
from store.records import Session, Status
from store.sessions import Sessions as Record

log = logging.getLogger(__name__)

#: Seconds that a delete gives WhatsApp to hear of it.
GOODBYE = 5.0


class Sessions:
    """Every session of this host."""

    def __init__(
        self, *, record: Record, connectors: Connectors, changes: Changes, refresh: Refresh, clock: Clock
    ) -> None:
        self._record = record
        self._connectors = connectors
        self._changes = changes
        self._refresh = refresh
        self._clock = clock

    async def create(self, session_id: str, *, name: str | None, within: float) -> Session:
        """A new session with its first code. within: seconds.

        Where there is no code the session stays, and a read tries again. Raises SessionExists and what
        Refresh.fresh raises.
        """
        async with self._connectors.hold(session_id):
            session = await self._add(session_id, name)
            self._connectors.make(session_id)
        return await self._refresh.fresh(session, within=within)

    async def get(self, session_id: str) -> Session:
        """The session as it stands. Raises NoSuchSession."""
        session = await self._record.get(session_id)
        if session is None:
            raise NoSuchSession(f"there is no session {session_id}")
        return session

    async def fresh(self, session_id: str, *, within: float) -> Session:
        """The session with a code that can be scanned, refreshed first if it has expired. within: seconds.

        Raises NoSuchSession and what Refresh.fresh raises.
        """
        return await self._refresh.fresh(await self.get(session_id), within=within)

    async def page(
        self, *, status: Status | None, limit: int, after: tuple[int, str] | None
    ) -> list[Session]:
        """The next sessions, the oldest first, as they stand."""
        return await self._record.page(status=status, limit=limit, after=after)

    async def delete(self, session_id: str) -> None:
        """Log out where paired, stop the connector, forget everything. Raises NoSuchSession."""
        async with self._connectors.hold(session_id):
            session = await self.get(session_id)
            if session.status in PAIRED:
                await self._say_goodbye(session_id)
            await self._connectors.rest(session_id)
            await self._record.delete(session_id)
            self._changes.tell(session_id, Change(session=None, event=None))
            await self._connectors.detach(session_id)
            self._connectors.erase(session_id)
        log.info("session=%s event=deleted", session_id)

    async def handle(self, session_id: str, event: AnyEvent) -> None:
        """Take in what a connector says: store it, log the move, tell who waits. Raises StoreError."""
        now = Now(wall=self._clock.wall(), boot=self._clock.boot(), boot_id=self._clock.boot_id)
        change = await self._record.change(session_id, lambda session: after(session, event, now))
        if change is None or is_stale(change[0], event):
            return
        before, session = change
        happened = type(event).__name__
        if before.status is not session.status:
            log.info("session=%s event=%s from=%s to=%s", session_id, happened, before.status, session.status)
        self._changes.tell(session_id, Change(session=session, event=event))

    async def is_paired(self, session_id: str) -> bool:
        """Whether the account knows this device, so that its connector runs whoever reads or not."""
        session = await self._record.get(session_id)
        return session is not None and session.status in PAIRED

    async def have(self, session_id: str) -> int:
        """Sequence number of the last spooled event that is stored."""
        session = await self._record.get(session_id)
        return session.have if session else 0

    async def _add(self, session_id: str, name: str | None) -> Session:
        now = self._clock.wall()
        session = Session(id=session_id, name=name, status=Status.STARTING, created_at=now, updated_at=now)
        try:
            await self._record.add(session)
        except RowExists:
            raise SessionExists(f"there is a session {session_id} already", session_id=session_id) from None
        log.info("session=%s event=created", session_id)
        return session

    async def _say_goodbye(self, session_id: str) -> None:
        """Ask WhatsApp to forget the device. The session goes even if WhatsApp does not hear of it."""
        with self._changes.listen(session_id) as news:
            try:
                async with asyncio.timeout(GOODBYE):
                    await self._connectors.wake(session_id)
                    await self._connectors.send(session_id, Logout())
                    async for change in news:
                        if isinstance(change.event, LoggedOut):
                            return
            except (TimeoutError, SupervisorUnavailable):
                log.warning("session=%s event=not_logged_out", session_id)
