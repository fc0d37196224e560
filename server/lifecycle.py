"""What callers may ask of a session's connector: start, stop, restart, log out. All may be asked twice."""

import asyncio

from server.changes import Changes
from server.connectors import Connectors
from server.events import Ended, LoggedOut
from server.farewell import UNCONFIRMED, Farewell
from server.lookup import look_up
from server.moves import Moves
from server.refresh import Refresh
from server.states import OVER, PAIRED, Happening
from server.transitions import check
from store.records import Session, Status
from store.sessions import Sessions as Record

#: Seconds until the end of a stopped connector has come up its pipe. It comes in milliseconds.
LAST_WORDS = 2.0


class Lifecycle:
    """The table in states.py says what is allowed; ConflictingState is raised for the rest."""

    def __init__(
        self,
        *,
        record: Record,
        connectors: Connectors,
        changes: Changes,
        moves: Moves,
        refresh: Refresh,
        farewell: Farewell,
    ) -> None:
        self._record = record
        self._connectors = connectors
        self._changes = changes
        self._moves = moves
        self._refresh = refresh
        self._farewell = farewell

    async def start(self, session_id: str, *, within: float) -> Session:
        """Wake a session that was stopped. Where it is not paired, blocks until its code. within: seconds."""
        async with self._connectors.hold(session_id):
            session = await look_up(self._record, session_id)
            is_known = session.status in PAIRED or session.phone_number is not None
            session = await self._moves.ask(
                session_id, Happening.RESUME_ASKED if is_known else Happening.START_ASKED
            )
            if session.status in PAIRED:
                await self._connectors.wake(session_id)
        return await self._refresh.fresh(session, within=within)

    async def stop(self, session_id: str) -> Session:
        """Let the connector rest until it is started again."""
        async with self._connectors.hold(session_id):
            check(await look_up(self._record, session_id), Happening.STOP_ASKED)
            await self._rest(session_id)
            return await self._moves.ask(session_id, Happening.STOP_ASKED)

    async def restart(self, session_id: str, *, within: float) -> Session:
        """End the connector and start it. Where it is not paired, blocks until a fresh code. within: seconds.

        From `logged_out` and `failed` it begins a new pairing. It joins a refresh that is under way.
        """
        session = await look_up(self._record, session_id)
        if session.status is Status.STOPPED:
            return await self.start(session_id, within=within)
        return await self._refresh.anew(session_id, first=lambda: self._begin_anew(session_id), within=within)

    async def log_out(self, session_id: str) -> Session:
        """Make the account forget this device. WhatsApp has 5 s to hear of it; the credentials go anyway."""
        async with self._connectors.hold(session_id):
            session = await look_up(self._record, session_id)
            check(session, Happening.LOGOUT_ASKED)
            if session.status is Status.LOGGED_OUT:
                return session
            if not await self._farewell.say(session_id):
                await self._wipe(session_id)
            return await look_up(self._record, session_id)

    async def _begin_anew(self, session_id: str) -> None:
        async with self._connectors.hold(session_id):
            before = await look_up(self._record, session_id)
            check(before, Happening.RESTART_ASKED)
            await self._rest(session_id)
            if before.status in OVER:
                await self._connectors.make(session_id)
            await self._moves.ask(session_id, Happening.RESTART_ASKED)
            await self._connectors.wake(session_id)

    async def _wipe(self, session_id: str) -> None:
        """Do without the connector what it did not do: a logout keeps no credentials."""
        await self._rest(session_id)
        await self._connectors.make(session_id)
        session = await look_up(self._record, session_id)
        await self._moves.hear(
            session_id, LoggedOut(epoch=session.epoch, seq=session.have + 1, reason=UNCONFIRMED)
        )

    async def _rest(self, session_id: str) -> None:
        """Stop the connector, and hear it out: what it said before must not come after."""
        with self._changes.listen(session_id) as news:
            if not await self._connectors.rest(session_id):
                return
            try:
                async with asyncio.timeout(LAST_WORDS):
                    async for change in news:
                        if isinstance(change.event, Ended):
                            return
            except TimeoutError:
                return
