"""What callers may ask of a session's connector: start, stop, restart, log out. All may be asked twice."""

import asyncio
import functools
from contextlib import ExitStack

from server.connectors.pool import ConnectorPool
from server.core.errors import ConflictingState, ConnectorCrashed, NoSuchSession, StoreOutOfOrder
from server.domain.states import OVER, PAIRED, UNPAIRED, Happening, after
from server.domain.transitions import check
from server.protocol.events import Closed, Ended, LoggedOut
from server.protocol.exit_codes import NO_ROOM
from server.sessions.logout import UNCONFIRMED, LogoutSender
from server.sessions.refresh import Refresh
from server.sessions.state_machine import StateMachine
from server.sessions.subscriptions import Change, Subscription, Subscriptions
from store.ports import SessionStore
from store.records import Session, Status

#: Seconds until the end of a stopped connector has come up its pipe. It comes in milliseconds.
END_EVENT_TIMEOUT_SECONDS = 2.0


class Lifecycle:
    """The table in states.py says what is allowed; ConflictingState is raised for the rest."""

    def __init__(
        self,
        *,
        record: SessionStore,
        connectors: ConnectorPool,
        subscriptions: Subscriptions,
        state_machine: StateMachine,
        refresh: Refresh,
        logout_sender: LogoutSender,
    ) -> None:
        self._record = record
        self._connectors = connectors
        self._subscriptions = subscriptions
        self._state_machine = state_machine
        self._refresh = refresh
        self._logout_sender = logout_sender

    async def start(self, session_id: str, *, within: float) -> Session:
        """Wakes a session that was stopped, or tries one again that failed. within: seconds.

        Blocks until there is a code, if it is not paired; after a failure, until the new try has a result.
        Raises ConflictingState if that failed too.
        """
        if (await self._record.require(session_id)).status is Status.FAILED:
            first = functools.partial(self._begin, session_id, only_from=Status.FAILED)
            return await self._refresh.anew(session_id, first=first, within=within)
        async with self._connectors.hold(session_id):
            session = await self._record.require(session_id)
            is_known = session.status in PAIRED or session.phone_number is not None
            session = await self._state_machine.ask(
                session_id, Happening.RESUME_ASKED if is_known else Happening.START_ASKED
            )
            if session.status in PAIRED:
                await self._connectors.wake(session_id)
        return await self._refresh.fresh(session, within=within)

    async def stop(self, session_id: str) -> Session:
        """Let the connector rest until it is started again."""
        async with self._connectors.hold(session_id):
            check(await self._record.require(session_id), Happening.STOP_ASKED)
            await self._rest(session_id)
            return await self._state_machine.ask(session_id, Happening.STOP_ASKED)

    async def restart(self, session_id: str, *, within: float, forget: bool = False) -> Session:
        """Ends the connector and starts it; linked credentials stay. within: seconds.

        Without them a pairing begins: blocks until there is a fresh code. After a failure, blocks until the
        new try has a result; raises ConflictingState if that failed too. It joins a refresh that is under
        way. forget: discard the linked credentials first, and all else that is in the session's folder.
        """
        if forget:
            return await self._refresh.fresh(await self._forget(session_id), within=within)
        session = await self._record.require(session_id)
        if session.status is Status.STOPPED:
            return await self.start(session_id, within=within)
        first = functools.partial(self._begin, session_id)
        return await self._refresh.anew(session_id, first=first, within=within)

    async def log_out(self, session_id: str) -> Session:
        """Make the account forget this device. WhatsApp has 5 s to hear of it; the credentials go anyway."""
        async with self._connectors.hold(session_id):
            session = await self._record.require(session_id)
            check(session, Happening.LOGOUT_ASKED)
            if session.status is Status.LOGGED_OUT:
                return session
            if not await self._logout_sender.say(session_id):
                await self._wipe(session_id)
            return await self._record.require(session_id)

    async def _begin(self, session_id: str, *, only_from: Status | None = None) -> None:
        """Ends the connector and starts it. only_from: does nothing in another status."""
        with ExitStack() as stack:
            async with self._connectors.hold(session_id):
                session = await self._record.require(session_id)
                if only_from not in (None, session.status):
                    return
                if await self._would_register(session):
                    self._refresh.check_cool_down(session)  # Before anything is done: a code may live.
                await self._rest(session_id)
                happening = await self._wish(await self._record.require(session_id))
                await self._state_machine.ask(session_id, happening)
                subscription = stack.enter_context(self._subscriptions.listen(session_id))
                await self._connectors.wake(session_id)
            if happening is Happening.RETRY_ASKED:
                await _result(subscription)

    async def _would_register(self, session: Session) -> bool:
        """Whether a restart of the session begins a pairing."""
        return after(session.status, await self._wish(session)) in UNPAIRED

    async def _wish(self, session: Session) -> Happening:
        """What a restart means: after a failure, linked credentials get another try.

        A file that cannot be read may hold them, and lost ones may have been put back: the connector says.
        """
        if session.status in OVER and await self._connectors.are_linked(session.id):
            return Happening.RETRY_ASKED
        if session.status is Status.FAILED and session.phone_number is not None:
            return Happening.RETRY_ASKED
        return Happening.RESTART_ASKED

    async def _forget(self, session_id: str) -> Session:
        """The session without its account, whose credentials are in the trash. WhatsApp is not told.

        During a cool-down nothing is discarded: raises what `CoolDowns.check` raises.
        """
        async with self._connectors.hold(session_id):
            session = await self._record.require(session_id)
            check(session, Happening.FORGET_ASKED)
            self._refresh.check_cool_down(session)  # Before anything is done: nobody could link it again now.
            await self._rest(session_id)
            await self._connectors.set_aside(session_id)
            return await self._state_machine.ask(session_id, Happening.FORGET_ASKED)

    async def _wipe(self, session_id: str) -> None:
        """Do without the connector what it did not do: a logout keeps no credentials."""
        await self._rest(session_id)
        await self._connectors.make(session_id)
        session = await self._record.require(session_id)
        await self._state_machine.hear(
            session_id, LoggedOut(epoch=session.epoch, seq=session.have + 1, reason=UNCONFIRMED)
        )

    async def _rest(self, session_id: str) -> None:
        """Stop the connector, and hear it out: what it said before must not come after."""
        with self._subscriptions.listen(session_id) as subscription:
            if not await self._connectors.rest(session_id):
                return
            try:
                async with asyncio.timeout(END_EVENT_TIMEOUT_SECONDS):
                    async for change in subscription:
                        if isinstance(change.event, Ended):
                            return
            except TimeoutError:
                return


async def _result(subscription: Subscription) -> None:
    """Returns once another try with linked credentials got anywhere.

    Raises ConflictingState if it failed or ended the pairing, ConnectorCrashed, StoreOutOfOrder.
    """
    async for change in subscription:
        match change:
            case Change(session=None):
                raise NoSuchSession
            case Change(session=Session(status=Status.FAILED | Status.LOGGED_OUT as status) as session):
                why = session.reason.detail if session.reason else "its connector says no more"
                raise ConflictingState(f"it was tried again, and is {status}: {why}", session=session)
            case Change(session=Session(status=status)) if status is not Status.DISCONNECTED:
                return
            case Change(event=Closed()):  # WhatsApp cannot be reached: the connector goes on trying
                return
            case Change(event=Ended(state="BACKOFF", exit=code), session=session):
                if code == NO_ROOM:
                    raise StoreOutOfOrder("the session's folder cannot be written", session=session)
                raise ConnectorCrashed(session=session)
