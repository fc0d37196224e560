"""How a session gets a fresh code: one regeneration, whoever asks for it and however many do."""

import asyncio
import functools
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from server.connectors.pool import ConnectorPool
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
from server.core.single_flight import SingleFlight
from server.domain.expiry import Expiry
from server.observability.metrics import Metrics
from server.protocol import reasons
from server.protocol.events import Closed, Ended
from server.protocol.exit_codes import NO_ROOM
from server.sessions.cool_downs import CoolDowns, error_of
from server.sessions.refresh_lease import RefreshLeases
from server.sessions.subscriptions import Change, Subscriptions
from store.ports import SessionStore
from store.records import Reason, Session, Status

log = logging.getLogger(__name__)

#: Seconds between a failure and the next try, so that a crowd does not hammer WhatsApp.
COOL_DOWN = 1.0

#: Seconds that the one who waits gives the refresh to end by itself, its time-out being the same.
GRACE = 0.5

#: Sockets that one request opens at most.
MOST_TRIES = 2

#: What is done about a reason that the table does not know, or that it has nothing to say about.
_UNKNOWN = reasons.Refresh(error=WhatsAppUnreachable.code, tries=2, cool_down=None, free=0)


class Refresh:
    """Gets a live code where the last one has expired."""

    def __init__(
        self,
        *,
        record: SessionStore,
        connectors: ConnectorPool,
        subscriptions: Subscriptions,
        single_flight: SingleFlight[Session],
        refresh_leases: RefreshLeases,
        expiry: Expiry,
        metrics: Metrics,
        cool_downs: CoolDowns,
        is_worth_another: Callable[[Session, Closed], bool] = lambda session, closed: False,
    ) -> None:
        """is_worth_another: whether a socket that closed so has cost the request no try."""
        self._record = record
        self._connectors = connectors
        self._subscriptions = subscriptions
        self._single_flight = single_flight
        self._refresh_leases = refresh_leases
        self._expiry = expiry
        self._metrics = metrics
        self._cool_downs = cool_downs
        self._is_worth_another = is_worth_another
        #: Until when a session that failed is left alone; on the event loop's clock.
        self._cool_until: defaultdict[str, float] = defaultdict(float)

    async def fresh(self, session: Session, *, within: float) -> Session:
        """The session with a code that can be scanned, refreshed first if it has expired.

        Where the phone scanned meanwhile, the session as it then is. within: seconds.
        During a cool-down the answer comes at once, unless a socket is there that may yet give a code.
        Raises NoQr and its kind, PasskeyRequired, NoSuchSession, SupervisorUnavailable, ShuttingDown.
        """
        if not self._expiry.is_due(session):
            return session
        self._metrics.find_expired(session)
        if not self._has_socket(session.id):
            self._cool_downs.check(session)
        return await self._joined(session.id, within=within)

    def begin(self, session: Session, *, within: float) -> None:
        """Get a code for whoever reads later; nobody waits for it here. within: seconds."""
        self._single_flight.join(session.id, lambda: self._fly(session.id, within, None))

    async def anew(self, session_id: str, *, first: Callable[[], Awaitable[None]], within: float) -> Session:
        """The session with a code of a connector that `first` has restarted. within: seconds.

        A restart joins the refresh under way, and is joined by reads. Raises what `fresh` and `first` raise.
        """
        return await self._joined(session_id, first=first, within=within)

    async def forget(self, session_id: str) -> None:
        """The session is deleted: the next of its id neither joins its flight nor owes for its failures."""
        await self._single_flight.end(session_id, NoSuchSession())
        self._cool_until.pop(session_id, None)
        await self._cool_downs.forget(session_id)

    def cools_down(self, session_id: str) -> Reason | None:
        """Why WhatsApp is not asked for a code of this session now; None: it is."""
        return self._cool_downs.reason(session_id)

    def check_cool_down(self, session: Session) -> None:
        """Raise what a caller is told if the session must not register a device now."""
        self._cool_downs.check(session)

    def _has_socket(self, session_id: str) -> bool:
        """Whether a refresh is under way, or a connector is there."""
        return self._single_flight.is_flying(session_id) or self._connectors.is_answered(session_id)

    async def _joined(
        self, session_id: str, *, within: float, first: Callable[[], Awaitable[None]] | None = None
    ) -> Session:
        try:
            async with asyncio.timeout(within + GRACE):
                while True:
                    flight = self._single_flight.join(
                        session_id, functools.partial(self._fly, session_id, within, first)
                    )
                    session = await asyncio.shield(flight)
                    if not self._expiry.is_due(session):
                        return session
                    first = None  # The code has died on its way here: another one, of another flight.
        except TimeoutError:
            return await self._too_late(session_id)

    async def _fly(
        self, session_id: str, within: float, first: Callable[[], Awaitable[None]] | None
    ) -> Session:
        try:
            async with asyncio.timeout(within), self._refresh_leases.to_refresh(session_id):
                try:
                    if first is not None:
                        await first()
                    async with self._turn(session_id, is_asked=first is not None):
                        session = await self._regenerate(session_id)
                    # A restart that comes while the lease is given back would be answered, and not be done.
                    self._single_flight.leave(session_id)
                    return session
                except asyncio.CancelledError:
                    self._single_flight.leave(session_id)  # What is left to do is nothing to wait for.
                    raise
        except TimeoutError:
            self._single_flight.leave(session_id)
            return await self._too_late(session_id, socket_goes=True)
        except NoSuchSession:
            raise
        except MotteError as error:
            self._cool_down(session_id)
            known = error.session or await self._record.get(session_id)
            if known is None:
                raise
            raise error.about(known) from error

    async def _regenerate(self, session_id: str) -> Session:
        """Wait for the next code of a living socket; where there is none, open one."""
        closed = 0
        with self._subscriptions.listen(session_id) as subscription:
            await self._cooled(session_id)
            session = await self._wake(session_id)
            if self._is_settled(session):
                return session
            async for change in subscription:
                if change.session is None:
                    raise NoSuchSession
                closed += _is_refusal(change)
                self._raise_if_hopeless(change, closed)
                if self._is_settled(change.session):
                    return change.session
                if isinstance(change.event, Ended):
                    session = await self._wake_again(session_id)
                    if self._is_settled(session):
                        return session
        raise AssertionError("news never end")

    async def _wake(self, session_id: str) -> Session:
        """Start the connector, unless it runs. Raises NoSuchSession where the session is gone by then."""
        async with self._connectors.hold(session_id):
            session = await self._record.require(session_id)
            if self._expiry.is_due(session):
                await self._connectors.wake(session_id, allowed=lambda: self._cool_downs.check(session))
            return session

    async def _wake_again(self, session_id: str) -> Session:
        """The connector has ended without a code. At once the first time, with pauses after that."""
        await self._cooled(session_id)
        self._cool_down(session_id)
        return await self._wake(session_id)

    def _cool_down(self, session_id: str) -> None:
        self._cool_until[session_id] = asyncio.get_running_loop().time() + COOL_DOWN

    async def _cooled(self, session_id: str) -> None:
        """Wait for the end of the cool-down."""
        pause = self._cool_until.pop(session_id, 0.0) - asyncio.get_running_loop().time()
        if pause > 0:
            await asyncio.sleep(pause)

    async def _too_late(self, session_id: str, *, socket_goes: bool = False) -> Session:
        """The answer when time is up: a session that is being paired as it stands, else QrTimeout."""
        session = await self._record.require(session_id)
        if not self._expiry.is_due(session):
            return session
        if socket_goes:
            await self._put_to_rest(session_id)
        raise QrTimeout(session=session)

    async def _put_to_rest(self, session_id: str) -> None:
        """Closes a socket that let a time-out pass, so that the next read opens a new one.

        Not one that still shows a code: the next one is on its way, and a pairing code may be in use.
        """
        try:
            async with self._connectors.hold(session_id):
                session = await self._record.get(session_id)
                if session is None or not self._expiry.is_due(session) or self._expiry.is_shown(session):
                    return
                if not self._connectors.is_loading(
                    session_id
                ):  # Else it has had no time yet: the next read joins.
                    await self._connectors.rest(session_id)
        except MotteError as error:
            log_event(log.warning, "not_stopped", session=session_id, error=error.code)

    @asynccontextmanager
    async def _turn(self, session_id: str, *, is_asked: bool) -> AsyncGenerator[None]:
        """Register inside the block, unless the host must wait. is_asked: a restart has begun already."""
        if is_asked or self._connectors.is_answered(session_id):
            yield
            return
        async with self._cool_downs.turn(await self._record.require(session_id)):
            yield

    def _raise_if_hopeless(self, change: Change, closed: int) -> None:
        """Some changes say that no code will come, and why. closed: sockets that did in this refresh."""
        if change.session is not None and _is_refusal(change) and isinstance(change.event, Closed):
            self._cool_downs.check(change.session)
            reason = change.event.reason
            meaning = reasons.TABLE.get(reason.code)
            refresh = (meaning and meaning.refresh) or _UNKNOWN
            more = closed < MOST_TRIES and self._is_worth_another(change.session, change.event)
            if closed >= refresh.tries and not more:
                raise error_of(reason, refresh, change.session)
        if change.session is None or change.session.status is not Status.PAIRING:
            _raise_if_ended(change)

    def _is_settled(self, session: Session) -> bool:
        """Whether there is nothing more to wait for. A pairing is waited for until it is open."""
        if session.status is Status.PAIRING:
            return False
        return not self._expiry.is_due(session)


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
