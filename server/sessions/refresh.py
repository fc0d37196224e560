"""Gets a fresh code for a session: one regeneration for any number of readers."""

import asyncio
import functools
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from server.core.errors import (
    ConnectorCrashed,
    ConnectorUnavailable,
    MotteError,
    NoSuchSession,
    QrTimeout,
    StoreOutOfOrder,
    WhatsAppUnreachable,
)
from server.core.log_events import log_event
from server.protocol import reasons
from server.protocol.events.link import Closed
from server.protocol.events.process import Ended
from server.protocol.exit_codes import NO_ROOM
from server.sessions.cool_downs import error_of
from server.sessions.parts import SessionParts
from server.sessions.subscriptions import Change
from store.records.sessions import Session, Status

log = logging.getLogger(__name__)

#: Seconds between a failure and the next try, so that a crowd does not hammer WhatsApp.
FAILURE_PAUSE_SECONDS = 1.0

#: Seconds that a waiting request gives the refresh to end by itself: both have the same time-out.
GRACE_SECONDS = 0.5

#: Sockets that one request opens at most, unless another version is worth a try.
MAX_TRIES = 2

#: The rule for a reason that the table does not know, or for which it has no rule.
_UNKNOWN = reasons.Refresh(error=WhatsAppUnreachable.code, tries=2, cool_down=None, free=0)


class Refresh:
    """Gets a live code for sessions whose last one has expired."""

    def __init__(self, parts: SessionParts) -> None:
        self._parts = parts
        #: Until when a session that failed is left alone; on the event loop's clock.
        self._paused_until: defaultdict[str, float] = defaultdict(float)

    async def fresh(self, session: Session, *, within: float) -> Session:
        """Returns the session with a code that can be scanned, refreshed first if it has expired.

        If the phone scanned meanwhile, returns the session as it then is. within: seconds.
        During a cool-down the answer comes at once, unless a socket is there that may yet give a code.
        Raises NoQr and its kind, PasskeyRequired, NoSuchSession, SupervisorUnavailable, ShuttingDown.
        """
        parts = self._parts
        if not parts.expiry.is_due(session):
            return session
        parts.metrics.codes.find_expired(session)
        if not (parts.single_flight.is_flying(session.id) or parts.connectors.is_answered(session.id)):
            parts.cool_downs.check(session)
        return await self._joined(session.id, within=within, work=lambda: self._fly(session, within))

    def begin(self, session: Session, *, within: float) -> None:
        """Begins a refresh that no caller waits for yet. within: seconds."""
        self._parts.single_flight.join(session.id, lambda: self._fly(session, within))

    async def restarted(
        self, session_id: str, *, first: Callable[[], Awaitable[None]], within: float
    ) -> Session:
        """Returns the session with a code of a connector that `first` has restarted. within: seconds.

        A restart joins the refresh under way, and is joined by reads. Raises what `fresh` and `first` raise.
        """
        work = functools.partial(
            self._lead, session_id, within, functools.partial(self._restart, session_id, first)
        )
        return await self._joined(session_id, within=within, work=work)

    async def forget(self, session_id: str) -> None:
        """The session is deleted: the next of its id neither joins its flight nor owes for its failures."""
        await self._parts.single_flight.end(session_id, NoSuchSession())
        self._paused_until.pop(session_id, None)
        await self._parts.cool_downs.forget(session_id)

    async def _joined(
        self, session_id: str, *, within: float, work: Callable[[], Coroutine[Any, Any, Session]]
    ) -> Session:
        """Returns the result of the session's flight, begun with `work` if none is under way."""
        self._parts.connectors.join_start(session_id)
        try:
            async with asyncio.timeout(within + GRACE_SECONDS):
                while True:
                    session = await asyncio.shield(self._parts.single_flight.join(session_id, work))
                    if not self._parts.expiry.is_due(session):
                        return session
                    # The code has died on its way here: another flight gets another one.
                    work = functools.partial(self._fly, session, within)
        except TimeoutError:
            return await self._too_late(session_id)

    async def _fly(self, session: Session, within: float) -> Session:
        return await self._lead(session.id, within, functools.partial(self._register, session))

    async def _lead(self, session_id: str, within: float, work: Callable[[], Awaitable[Session]]) -> Session:
        """Does the work of a flight under the session's lease, and says why it brought nothing."""
        single_flight = self._parts.single_flight
        try:
            async with asyncio.timeout(within), self._parts.leases.to_refresh(session_id):
                try:
                    session = await work()
                    # A restart that comes while the lease is given back would be answered, and not be done.
                    single_flight.leave(session_id)
                    return session
                except asyncio.CancelledError:
                    single_flight.leave(session_id)  # What is left to do is nothing to wait for.
                    raise
        except TimeoutError:
            single_flight.leave(session_id)
            return await self._too_late(session_id, socket_goes=True)
        except NoSuchSession:
            raise
        except MotteError as error:
            self._pause(session_id)
            known = error.session or await self._parts.sessions.get(session_id)
            if known is None:
                raise
            raise error.with_session(known) from error

    async def _register(self, session: Session) -> Session:
        """Gets a code. If the host must wait, one session at a time opens a socket."""
        if self._parts.connectors.is_answered(session.id):
            return await self._regenerate(session.id)
        async with self._parts.cool_downs.trial(session):
            return await self._regenerate(session.id)

    async def _restart(self, session_id: str, first: Callable[[], Awaitable[None]]) -> Session:
        await first()
        return await self._regenerate(session_id)

    async def _regenerate(self, session_id: str) -> Session:
        """Waits for the next code of an open socket; opens a socket first if needed."""
        closed = 0
        with self._parts.subscriptions.subscribe(session_id) as subscription:
            await self._end_of_pause(session_id)
            settled = await self._wake(session_id)
            if settled is not None:
                return settled
            async for change in subscription:
                if change.session is None:
                    raise NoSuchSession
                if _is_refusal(change):
                    closed += 1
                    self._raise_if_hopeless(change, closed)
                if change.session.status is not Status.PAIRING:  # A pairing is waited for until it is open.
                    _raise_if_ended(change)
                    if not self._parts.expiry.is_due(change.session):
                        return change.session
                if isinstance(change.event, Ended):
                    settled = await self._wake_again(session_id)
                    if settled is not None:
                        return settled
        raise AssertionError("a subscription has no end")

    async def _wake(self, session_id: str) -> Session | None:
        """Starts the connector, unless it runs. Returns the session if nothing is to be waited for.

        Raises NoSuchSession if the session is gone by then.
        """
        parts = self._parts
        async with parts.connectors.hold(session_id):
            session = await parts.sessions.require(session_id)
            if parts.expiry.is_due(session):
                await parts.connectors.wake(session_id, allowed=lambda: self._check_start(session))
                return None
            return None if session.status is Status.PAIRING else session

    def _check_start(self, session: Session) -> None:
        """Called when the turn of a session has come. Raises what the checks raise."""
        self._parts.cool_downs.check(session)
        self._parts.admission.check_start()

    async def _wake_again(self, session_id: str) -> Session | None:
        """Starts a connector that ended without a code: at once the first time, with pauses after that."""
        await self._end_of_pause(session_id)
        self._pause(session_id)
        return await self._wake(session_id)

    def _pause(self, session_id: str) -> None:
        self._paused_until[session_id] = asyncio.get_running_loop().time() + FAILURE_PAUSE_SECONDS

    async def _end_of_pause(self, session_id: str) -> None:
        """Returns when the session may be tried again."""
        pause = self._paused_until.pop(session_id, 0.0) - asyncio.get_running_loop().time()
        if pause > 0:
            await asyncio.sleep(pause)

    async def _too_late(self, session_id: str, *, socket_goes: bool = False) -> Session:
        """Returns a session that is being paired as it stands when time is up. Raises QrTimeout else."""
        session = await self._parts.sessions.require(session_id)
        if not self._parts.expiry.is_due(session):
            return session
        if socket_goes:
            await self._close_socket(session_id)
        raise QrTimeout(session=session)

    async def _close_socket(self, session_id: str) -> None:
        """Closes a socket that let a time-out pass, so that the next read opens a new one.

        Not one that still shows a code: the next one is on its way, and a pairing code may be in use. Nor one
        whose connector is loading: it has had no time yet, and the next read joins.
        """
        parts = self._parts
        try:
            async with parts.connectors.hold(session_id):
                session = await parts.sessions.get(session_id)
                if session is None or not parts.expiry.is_due(session) or parts.expiry.is_shown(session):
                    return
                if not parts.connectors.is_loading(session_id):
                    await parts.connectors.rest(session_id)
        except MotteError as error:
            log_event(log.warning, "not_stopped", session=session_id, error=error.code)

    def _raise_if_hopeless(self, change: Change, closed: int) -> None:
        """Raises the error of a refusal after which no code will come. closed: refusals in this refresh."""
        if change.session is None or not isinstance(change.event, Closed):
            return
        self._parts.cool_downs.check(change.session)
        reason = change.event.reason
        meaning = reasons.TABLE.get(reason.code)
        refresh = (meaning and meaning.refresh) or _UNKNOWN
        more = closed < MAX_TRIES and self._parts.has_another_version(change.session, change.event)
        if closed >= refresh.tries and not more:
            raise error_of(reason, refresh, change.session)


def _is_refusal(change: Change) -> bool:
    """Whether a socket that was to give codes closed. What an older start says of itself comes late."""
    match change:
        case Change(session=Session(epoch=newest), event=Closed(epoch=epoch)) if epoch < newest:
            return False
        case Change(session=Session(status=Status.PAIRING)):
            return False  # The phone has scanned: no code is waited for, and the next start opens the link.
        case Change(event=Closed(retry_in=None)):
            return True
    return False


def _raise_if_ended(change: Change) -> None:
    """Some ends of a process say that no code will come, and why."""
    match change.event:
        case Ended(state="BACKOFF", exit=code) if code == NO_ROOM:
            raise StoreOutOfOrder("the session's folder cannot be written", session=change.session)
        case Ended(state="BACKOFF"):
            raise ConnectorCrashed(session=change.session)
        case Ended(state="FATAL"):
            known = change.session.reason if change.session else None
            raise ConnectorUnavailable(known.detail if known else None, session=change.session)
