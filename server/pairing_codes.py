"""Codes to type on the phone, for who cannot scan."""

import asyncio
import secrets
from dataclasses import dataclass, field

from server.changes import Changes
from server.clock import Clock
from server.commands import PairByCode
from server.connectors import Connectors
from server.errors import (
    AlreadyConnected,
    ConflictingState,
    ConnectorCrashed,
    MotteError,
    NoSuchSession,
    QrTimeout,
    WhatsAppUnreachable,
)
from server.events import Ended, PairingCodeIssued, PairingCodeRefused
from server.flights import Flights
from server.lookup import look_up
from server.refresh import Refresh
from server.states import UNPAIRED
from store.records import Session, Status
from store.sessions import Sessions as Record


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingCode:
    """One code. It lives as long as the socket that asked for it."""

    phone_number: str
    #: Eight characters; a secret while it lives.
    code: str = field(repr=False)
    epoch: int
    #: Boot clock, seconds.
    expires_at: float
    #: Milliseconds since 1970, for showing.
    shown_expires_at: int


class PairingCodes:
    """The newest code of each session. They are kept in memory alone: a new front asks for a new one."""

    def __init__(
        self, *, record: Record, connectors: Connectors, changes: Changes, refresh: Refresh, clock: Clock
    ) -> None:
        self._record = record
        self._connectors = connectors
        self._changes = changes
        self._refresh = refresh
        self._clock = clock
        self._codes: dict[str, PairingCode] = {}
        self._flights: Flights[PairingCode] = Flights()

    async def get(self, session_id: str, phone_number: str, *, within: float) -> PairingCode:
        """A code that can be typed now; requests for the same number share one. within: seconds.

        Raises NoSuchSession, AlreadyConnected, ConflictingState, QrTimeout and what Refresh.fresh raises.
        """
        known = self._living(await self._unpaired(session_id), phone_number)
        if known is not None:
            return known
        flight = self._flights.join(
            f"{session_id} {phone_number}", lambda: self._fly(session_id, phone_number, within)
        )
        return await asyncio.shield(flight)

    def forget(self, session_id: str) -> None:
        """The socket of its code is gone, and the session begins to count its starts anew."""
        self._codes.pop(session_id, None)

    async def close(self, error: MotteError) -> None:
        """End every wait with this error."""
        await self._flights.close(error)

    async def _fly(self, session_id: str, phone_number: str, within: float) -> PairingCode:
        try:
            async with asyncio.timeout(within):
                while True:
                    session = await self._refresh.fresh(await self._unpaired(session_id), within=within)
                    code = await self._asked(session, phone_number)
                    if code is not None:
                        self._codes[session_id] = code
                        return code
        except TimeoutError:
            session = await self._unpaired(session_id)
            raise QrTimeout("WhatsApp gave no pairing code within the time-out", session=session) from None

    async def _asked(self, session: Session, phone_number: str) -> PairingCode | None:
        """The code that the socket of this session gets; None where it closed first."""
        request = secrets.token_hex(4)
        with self._changes.listen(session.id) as news:
            await self._connectors.send(session.id, PairByCode(request=request, phone_number=phone_number))
            async for change in news:
                match change.event:
                    case PairingCodeIssued() as issued if issued.request == request:
                        return self._stamped(issued, phone_number)
                    case PairingCodeRefused() as refused if refused.request == request:
                        raise WhatsAppUnreachable(refused.reason.detail, session=change.session)
                    case Ended(state="BACKOFF"):
                        raise ConnectorCrashed(session=change.session)
                    case Ended():
                        return None
                if change.session is None:
                    raise NoSuchSession
        return None

    def _stamped(self, issued: PairingCodeIssued, phone_number: str) -> PairingCode:
        expires_at = min(issued.issued_at, self._clock.boot()) + issued.lifetime
        return PairingCode(
            phone_number=phone_number,
            code=issued.code,
            epoch=issued.epoch,
            expires_at=expires_at,
            shown_expires_at=self._clock.wall() + round((expires_at - self._clock.boot()) * 1000),
        )

    def _living(self, session: Session, phone_number: str) -> PairingCode | None:
        """The code that was given for this number, while the socket that asked for it lives."""
        code = self._codes.get(session.id)
        if code is None or code.phone_number != phone_number or code.expires_at <= self._clock.boot():
            return None
        return code if session.qr is not None and session.qr.epoch == code.epoch else None

    async def _unpaired(self, session_id: str) -> Session:
        session = await look_up(self._record, session_id)
        if session.status is Status.CONNECTED:
            raise AlreadyConnected(session=session)
        if session.status not in UNPAIRED:
            raise ConflictingState(f"cannot issue a pairing code while {session.status}", session=session)
        return session
