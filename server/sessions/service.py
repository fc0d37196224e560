"""The session service of the front that holds the pipes: everything that callers can do to a session."""

import asyncio
import functools
from collections.abc import Set

from server.core.errors import MotteError
from server.domain.client_requests import check_request
from server.domain.session_fields import SessionFields
from server.domain.states import PAIRED, Happening
from server.domain.transitions import Now
from server.protocol.commands import Type, TypingKind
from server.sessions import chats
from server.sessions.creation import exists, kept, promised
from server.sessions.lifecycle import begin_again, forget_account, rest, wipe
from server.sessions.logout import log_out_device
from server.sessions.long_poll import LongPoll
from server.sessions.pairing_codes import PairingCode, PairingCodes
from server.sessions.parts import SessionParts
from server.sessions.refresh import Refresh
from server.sessions.subscriptions import Subscriptions
from store.errors import SessionExists as RowExists
from store.errors import TooManySessions
from store.ports.memory import Memory
from store.records.contacts import Contact
from store.records.sessions import Session, Status

#: Seconds that a create has for its code, even if a delete of the same id took longer.
LEAST_QR_TIMEOUT_SECONDS = 1.0


class Sessions:
    """A SessionService (server/cluster/session_service.py) that does the work itself.

    The table in server/domain/states.py says what is allowed; ConflictingState is raised for the rest.
    """

    def __init__(self, parts: SessionParts) -> None:
        self.parts = parts
        self._refresh = Refresh(parts)
        self.pairing_codes = PairingCodes(parts, refresh=self._refresh, restart=self.restart)
        within = parts.settings.refresh_timeout
        self._long_poll = LongPoll(
            sessions=parts.sessions,
            subscriptions=parts.subscriptions,
            expiry=parts.expiry,
            fresh=lambda session: self._refresh.fresh(session, within=within),
        )

    async def create(self, session_id: str, *, fields: SessionFields, is_awaited: bool) -> Session:
        """Makes a session and starts its connector; returns it with its first code if that is awaited.

        The session stays if there is no code: the error names it, and a read tries again. Raises
        SessionExists, StoreOutOfOrder, Overloaded, and what `promised` and Refresh.fresh raise.
        """
        parts, loop = self.parts, asyncio.get_running_loop()
        deadline = loop.time() + parts.settings.qr_timeout
        async with parts.connectors.hold(session_id):
            if await parts.sessions.get(session_id) is not None:
                raise exists(session_id)
            await parts.admission.check_create()
            # Before the row is there: after a kill in between, it would adopt what a killed delete has left.
            # A leftover may hold an account's credentials, if the database is older than the folders.
            await parts.connectors.set_aside(session_id)
            session = await self._add(session_id, fields)
            with kept(session):
                await parts.connectors.attach(session_id)
                reason = parts.cool_downs.reason(session_id)
                if reason is not None:  # It must wait before it registers, and says so from the beginning.
                    session = await parts.state_machine.explain(session_id, reason) or session
        within = max(deadline - loop.time(), LEAST_QR_TIMEOUT_SECONDS)
        with kept(session):
            if not is_awaited:
                self._refresh.begin(session, within=within)
                return session
            return promised(await self._refresh.fresh(session, within=within))

    def ready(self, session_id: str, memory: Memory) -> Session | None:
        """Returns the session if `fresh` would do nothing but return it, without a look into the store.

        Not a session that waits to be started: a read moves it forward.
        """
        session = memory.session(session_id)
        if session is None or self.parts.start_queue.holds(session_id) or self.parts.expiry.is_due(session):
            return None
        return session

    async def fresh(self, session_id: str) -> Session:
        """Returns the session with a code that can be scanned, refreshed first if it has expired.

        Raises NoSuchSession and what Refresh.fresh raises.
        """
        self.parts.start_queue.request(session_id)
        session = await self.parts.sessions.require(session_id)
        return await self._refresh.fresh(session, within=self.parts.settings.refresh_timeout)

    async def newer(self, session_id: str, *, than: Set[str], wait: float) -> Session:
        """Returns the session once it is newer than these versions; as it is after `wait` seconds."""
        self.parts.start_queue.request(session_id)
        return await self._long_poll.newer(session_id, than=than, wait=wait)

    async def update(self, session_id: str, fields: SessionFields) -> Session:
        """Changes what callers set. Raises NoSuchSession.

        The next link of the session is opened with the new values. A code that is shown and was made with
        another device name or proxy dies with its socket.
        """
        session = await self.parts.state_machine.update(session_id, fields)
        self.parts.connectors.set_link(session)
        return session

    async def delete(self, session_id: str) -> None:
        """Logs out if paired, stops the connector, deletes row and folder. Raises NoSuchSession."""
        parts = self.parts
        async with parts.connectors.hold(session_id):
            session = await parts.sessions.require(session_id)
            if session.status is not Status.LOGGED_OUT and (
                session.phone_number is not None or await parts.connectors.are_linked(session_id)
            ):
                await log_out_device(parts, session_id)
            await parts.connectors.rest(session_id)
            await parts.connectors.forget(session_id)
            await parts.state_machine.forget(session_id)
            await parts.dispatchers.forget(session_id)
            parts.checks.forget(session_id)
            await parts.connectors.erase(session_id)
            await self._refresh.forget(session_id)
        await self.pairing_codes.end(session_id)

    async def start(self, session_id: str) -> Session:
        """Wakes a session that was stopped, or tries one again that failed.

        Blocks until there is a code, if it is not paired; after a failure, until the new try has a result.
        Raises ConflictingState if that failed too.
        """
        parts, within = self.parts, self.parts.settings.qr_timeout
        if (await parts.sessions.require(session_id)).status is Status.FAILED:
            first = functools.partial(begin_again, parts, session_id, only_from=Status.FAILED)
            return await self._refresh.restarted(session_id, first=first, within=within)
        async with parts.connectors.hold(session_id):
            session = await parts.sessions.require(session_id)
            is_known = session.status in PAIRED or session.phone_number is not None
            happening = Happening.RESUME_ASKED if is_known else Happening.START_ASKED
            session = await parts.state_machine.ask(session_id, happening)
            if session.status in PAIRED:
                await parts.connectors.wake(session_id)
        return await self._refresh.fresh(session, within=within)

    async def stop(self, session_id: str) -> Session:
        """Stops the connector until the session is started again."""
        async with self.parts.connectors.hold(session_id):
            check_request(await self.parts.sessions.require(session_id), Happening.STOP_ASKED)
            await rest(self.parts, session_id)
            return await self.parts.state_machine.ask(session_id, Happening.STOP_ASKED)

    async def restart(self, session_id: str, *, forget: bool = False) -> Session:
        """Stops the connector and starts it; linked credentials stay.

        Without them a pairing begins: blocks until there is a fresh code. After a failure, blocks until the
        new try has a result; raises ConflictingState if that failed too. It joins a refresh that is under
        way. forget: discards the linked credentials first, and all else that is in the session's folder.
        """
        parts, within = self.parts, self.parts.settings.qr_timeout
        self.pairing_codes.forget(session_id)
        if forget:
            return await self._refresh.fresh(await forget_account(parts, session_id), within=within)
        if (await parts.sessions.require(session_id)).status is Status.STOPPED:
            return await self.start(session_id)
        first = functools.partial(begin_again, parts, session_id)
        return await self._refresh.restarted(session_id, first=first, within=within)

    async def log_out(self, session_id: str) -> Session:
        """Makes the account forget this device. The credentials go even if WhatsApp does not answer."""
        parts = self.parts
        async with parts.connectors.hold(session_id):
            session = await parts.sessions.require(session_id)
            check_request(session, Happening.LOGOUT_ASKED)
            if session.status is Status.LOGGED_OUT:
                return session
            if not await log_out_device(parts, session_id):
                await wipe(parts, session_id)
            return await parts.sessions.require(session_id)

    async def pairing_code(self, session_id: str, phone_number: str) -> PairingCode:
        """Returns a code to type on the phone. Raises what PairingCodes.get raises."""
        within = self.parts.settings.refresh_timeout
        return await self.pairing_codes.get(session_id, phone_number, within=within)

    async def mark_read(self, session_id: str, chat: str, up_to: str | None) -> None:
        """Marks what came in a chat as read. Raises what chats.mark_read raises."""
        await chats.mark_read(self.parts, session_id, chat, up_to)

    async def show_typing(self, session_id: str, chat: str, *, seconds: float, kind: TypingKind) -> None:
        """Shows a chat that somebody types. Raises what chats.show_typing raises."""
        await chats.show_typing(self.parts, session_id, Type(chat=chat, seconds=seconds, kind=kind))

    async def look_up(self, session_id: str, number: str) -> Contact:
        """Returns what WhatsApp says of a number. Raises what chats.look_up raises."""
        return await chats.look_up(self.parts, session_id, number)

    def wake_dispatcher(self, session_id: str) -> None:
        """The session has something to send."""
        self.parts.dispatchers.wake(session_id)

    def look_for_messages(self) -> None:
        """Another front has written something: perhaps messages to send."""
        self.parts.dispatchers.look_soon()

    def now(self) -> Now:
        """Returns the time for what is written now."""
        return self.parts.state_machine.now()

    @property
    def subscriptions(self) -> Subscriptions:
        return self.parts.subscriptions

    async def close(self, error: MotteError) -> None:
        """Ends every wait with this error, and those to come."""
        self.parts.subscriptions.close(error)
        await self.parts.single_flight.close(error)
        await self.pairing_codes.close(error)

    async def _add(self, session_id: str, fields: SessionFields) -> Session:
        now = self.parts.clock.wall()
        session = fields.of(Session(id=session_id, status=Status.STARTING, created_at=now, updated_at=now))
        try:
            await self.parts.state_machine.add(session, most=self.parts.admission.max_sessions)
        except RowExists:
            raise exists(session_id) from None
        except TooManySessions:
            raise self.parts.admission.too_many() from None
        return session
