"""Whether a code can still be scanned, asked of the boot clock alone."""

from typing import Protocol

from server.core.clock import Clock
from server.domain.states import UNPAIRED
from server.protocol.reasons import awaits_pairing_code
from store.records import Qr, Session

#: Milliseconds by which a shown expiry may be off: beyond that, wall time was stepped.
STEPPED = 1000


class Code(Protocol):
    """Something to link a phone with, to scan or to type."""

    @property
    def epoch(self) -> int:
        """The start of the connector whose socket got it, and which it does not outlive."""

    @property
    def expires_at(self) -> float:
        """Boot clock, seconds."""


class Expiry:
    """The one judge of whether a code lives."""

    def __init__(self, clock: Clock, *, min_validity: float) -> None:
        """min_validity: seconds; a code with less than that left counts as expired."""
        self._clock = clock
        self._min_validity = min_validity
        #: Session id -> the newest start of its connector whose socket is known to be gone.
        self._buried: dict[str, int] = {}
        #: The same of those that are being closed, which may yet fail.
        self._closing: dict[str, int] = {}

    def mark_closed(self, session_id: str, epoch: int) -> None:
        """The socket of this start is gone: its code is dead, before the record can say so."""
        self._buried[session_id] = max(epoch, self._buried.get(session_id, 0))

    def closing(self, session_id: str, epoch: int) -> None:
        """The socket of this start is about to go: its code is dead, unless `stays` takes that back."""
        self._closing[session_id] = epoch

    def keep(self, session_id: str) -> None:
        """Nobody has closed the session's socket: its code lives as long as it did before."""
        self._closing.pop(session_id, None)

    def reset(self, session_id: str) -> None:
        """The session counts the starts of its connector from one again, or is no more."""
        self._buried.pop(session_id, None)
        self._closing.pop(session_id, None)

    def live(self, session: Session) -> Qr | None:
        """The session's code, if a phone can scan it now and has the time to."""
        qr = session.qr
        if qr is None or qr.boot_id != self._clock.boot_id:
            return None
        return qr if self.is_live(session.id, qr) else None

    def is_live(self, session_id: str, code: Code) -> bool:
        """Whether a code of this boot can be used: its socket is there, and the time to use it."""
        return self._has_socket(session_id, code.epoch) and self.left(code) >= 0

    def _has_socket(self, session_id: str, epoch: int) -> bool:
        """Whether the socket of this start is not known to be gone."""
        return epoch > max(self._buried.get(session_id, 0), self._closing.get(session_id, 0))

    def left(self, code: Code) -> float:
        """Seconds until the code counts as expired; below 0 once it does."""
        return code.expires_at - self._min_validity - self._clock.boot()

    def is_shown(self, session: Session) -> bool:
        """Whether the session's socket still shows its code, though too little of its time may be left."""
        qr = session.qr
        if qr is None or qr.boot_id != self._clock.boot_id:
            return False
        return self._has_socket(session.id, qr.epoch) and qr.expires_at > self._clock.boot()

    def is_due(self, session: Session) -> bool:
        """Whether a read has to get a fresh code first.

        Not while somebody may be typing a pairing code: the socket for another QR code would end that one.
        """
        if session.status not in UNPAIRED or self.live(session) is not None:
            return False
        return not awaits_pairing_code(session) or not self._has_socket(session.id, session.epoch)

    def shown(self, qr: Qr) -> int:
        """When the code expires, in milliseconds since 1970: the same for every read, unless time steps."""
        computed = self._clock.wall() + round((qr.expires_at - self._clock.boot()) * 1000)
        return computed if abs(computed - qr.shown_expires_at) > STEPPED else qr.shown_expires_at
