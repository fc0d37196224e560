"""Codes to type on the phone, for people who cannot scan."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import chain, repeat

from server.core.errors import (
    AlreadyConnected,
    ConflictingState,
    ConnectorCrashed,
    MotteError,
    NoSuchSession,
    ProxyFailed,
    QrTimeout,
    WhatsAppRefused,
    WhatsAppUnreachable,
)
from server.core.single_flight import SingleFlight
from server.core.tasks import until_one_ends
from server.domain.states import UNPAIRED
from server.protocol.commands import PairByCode
from server.protocol.events.codes import PairingCodeIssued, PairingCodeRefused
from server.protocol.events.process import Ended
from server.protocol.reasons import awaits_pairing_code
from server.sessions.parts import SessionParts
from server.sessions.refresh import FAILURE_PAUSE_SECONDS, Refresh
from server.sessions.subscriptions import Subscription
from store.records.sessions import Session, Status

#: Time without requests for pairing codes after WhatsApp refused a session too many of them.
LIMITED_SECONDS = 60.0

#: A request that is refused for one of these reasons is sent again, to the next socket.
_SOCKET_DIED = frozenset({"connection-lost", "no-codes"})

#: WhatsApp gives no pairing code after too many requests.
_LIMITED = "whatsapp-rate-limited"

_CUT = "WhatsApp closed two connections before it gave a pairing code"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingCode:
    """One code. It is valid as long as the socket that requested it is open."""

    phone_number: str
    #: Eight characters; a secret while the code is valid.
    code: str = field(repr=False)
    epoch: int
    #: Boot clock, seconds.
    expires_at: float
    #: Milliseconds since 1970, for showing.
    shown_expires_at: int


class PairingCodes:
    """The newest code of each session, in memory only: a new front requests new ones."""

    def __init__(
        self, parts: SessionParts, *, refresh: Refresh, restart: Callable[[str], Awaitable[Session]]
    ) -> None:
        """restart: gives an unpaired session a new socket, and returns once that has a QR code."""
        self._parts = parts
        self._refresh = refresh
        self._restart = restart
        self._codes: dict[str, PairingCode] = {}
        #: Until when a session asks for none; on the event loop's clock.
        self._limited_until: dict[str, float] = {}
        self._single_flight: SingleFlight[PairingCode] = SingleFlight()

    async def get(self, session_id: str, phone_number: str, *, within: float) -> PairingCode:
        """Returns a code that can be typed now; requests for the same number share one. within: seconds.

        Raises NoSuchSession, AlreadyConnected, ConflictingState, QrTimeout and what Refresh.fresh raises.
        """
        session = _unpaired(await self._parts.sessions.require(session_id))
        known = self._living(session, phone_number)
        if known is not None:
            return known
        self._raise_if_limited(session)
        self._parts.connectors.join_start(session_id)
        flight = self._single_flight.join(
            _key(session_id, phone_number), lambda: self._fly(session_id, phone_number, within)
        )
        return await asyncio.shield(flight)

    def forget(self, session_id: str) -> None:
        """Forgets the code of a session: its socket is gone."""
        self._codes.pop(session_id, None)

    async def end(self, session_id: str) -> None:
        """Forgets a session that is deleted, and ends its requests with NoSuchSession."""
        self.forget(session_id)
        self._limited_until.pop(session_id, None)
        for key in self._single_flight.joinable():
            if key.startswith(_key(session_id, "")):
                await self._single_flight.end(key, NoSuchSession())

    async def close(self, error: MotteError) -> None:
        """Ends every wait with this error."""
        await self._single_flight.close(error)

    async def _fly(self, session_id: str, phone_number: str, within: float) -> PairingCode:
        pauses = chain([0.0], repeat(FAILURE_PAUSE_SECONDS))
        sockets = set[int]()
        try:
            async with asyncio.timeout(within):
                while True:
                    session = _unpaired(await self._parts.sessions.require(session_id))
                    if awaits_pairing_code(session):  # Little is left of its socket's time.
                        session = _unpaired(await self._restart(session_id))
                    session = _unpaired(await self._refresh.fresh(session, within=within))
                    code = await self._asked(session, phone_number)
                    if code is not None and self._parts.expiry.is_live(session_id, code):
                        self._codes[session_id] = code
                        return code
                    sockets.add(session.epoch)
                    if len(sockets) > 1:
                        raise WhatsAppUnreachable(_CUT, session=session)
                    await asyncio.sleep(next(pauses))
        except TimeoutError:
            session = _unpaired(await self._parts.sessions.require(session_id))
            raise QrTimeout("WhatsApp gave no pairing code within the time-out", session=session) from None

    async def _asked(self, session: Session, phone_number: str) -> PairingCode | None:
        """Requests a code from the socket of this session. Returns None if the socket closed first."""
        self.forget(session.id)  # WhatsApp accepts only the newest code of a socket.
        order = PairByCode(request=secrets.token_hex(4), phone_number=phone_number)
        with self._parts.subscriptions.subscribe(session.id) as subscription:
            answer = asyncio.create_task(
                self._answered(order, subscription), name=f"pairing code {session.id}"
            )
            try:  # A connector that has ended meanwhile never takes it.
                await until_one_ends(self._parts.connectors.send(session.id, order), asyncio.shield(answer))
                return await answer
            finally:
                answer.cancel()
                await asyncio.gather(answer, return_exceptions=True)

    async def _answered(self, order: PairByCode, subscription: Subscription) -> PairingCode | None:
        async for change in subscription:
            if change.session is None:
                raise NoSuchSession
            match change.event:
                case PairingCodeIssued() as issued if issued.request == order.request:
                    return self._stamped(issued, order.phone_number)
                case PairingCodeRefused() as refused if refused.request == order.request:
                    if refused.reason.code == _LIMITED:
                        raise self._limit(refused, change.session)
                    _raise_unless_its_socket_died(refused, change.session)
                    return None
                case Ended(state="BACKOFF"):
                    raise ConnectorCrashed(session=change.session)
                case Ended():
                    return None
        raise AssertionError("a subscription has no end")

    def _limit(self, refused: PairingCodeRefused, session: Session) -> WhatsAppRefused:
        """Blocks requests of this session for a while; returns the error."""
        self._limited_until[session.id] = asyncio.get_running_loop().time() + LIMITED_SECONDS
        return WhatsAppRefused(refused.reason.detail, session=session).with_retry_after(LIMITED_SECONDS)

    def _raise_if_limited(self, session: Session) -> None:
        left = self._limited_until.get(session.id, 0.0) - asyncio.get_running_loop().time()
        if left > 0:
            detail = "WhatsApp gave no pairing code after too many requests"
            raise WhatsAppRefused(detail, session=session).with_retry_after(left)

    def _stamped(self, issued: PairingCodeIssued, phone_number: str) -> PairingCode:
        expires_at = min(issued.issued_at, self._parts.clock.boot()) + issued.lifetime
        return PairingCode(
            phone_number=phone_number,
            code=issued.code,
            epoch=issued.epoch,
            expires_at=expires_at,
            shown_expires_at=self._parts.clock.wall() + round((expires_at - self._parts.clock.boot()) * 1000),
        )

    def _living(self, session: Session, phone_number: str) -> PairingCode | None:
        """Returns the code that was issued for this number, if its socket is still open."""
        code = self._codes.get(session.id)
        if (
            code is None
            or code.phone_number != phone_number
            or not self._parts.expiry.is_live(session.id, code)
        ):
            return None
        has_socket = session.qr is not None or awaits_pairing_code(session)
        return code if has_socket and session.epoch == code.epoch else None


def _key(session_id: str, phone_number: str) -> str:
    return f"{session_id} {phone_number}"


def _unpaired(session: Session) -> Session:
    """Returns the session if it can be linked. Raises AlreadyConnected, ConflictingState."""
    if session.status is Status.CONNECTED:
        raise AlreadyConnected(session=session)
    if session.status not in UNPAIRED:
        raise ConflictingState(f"cannot issue a pairing code while {session.status}", session=session)
    return session


def _raise_unless_its_socket_died(refused: PairingCodeRefused, session: Session) -> None:
    """Raises the error of a refusal, unless the socket closed: the next one may get a code."""
    if refused.reason.code == "already-paired":
        raise ConflictingState(refused.reason.detail, session=_unpaired(session))
    if refused.reason.code == ProxyFailed.code:
        raise ProxyFailed(refused.reason.detail, session=session)
    if refused.reason.code not in _SOCKET_DIED:
        raise WhatsAppUnreachable(refused.reason.detail, session=session)
