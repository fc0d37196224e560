"""Decides by the boot clock whether a code can still be scanned."""

from typing import Protocol

from server.core.clock import Clock
from server.domain.states import UNPAIRED
from server.protocol.reasons import awaits_pairing_code
from store.records.sessions import Qr, Session

#: If a shown expiry is off by more, wall time was stepped, and the expiry is computed again.
MAX_SHOWN_DRIFT_MS = 1000


class Code(Protocol):
    """Code that links a phone: a QR code to scan, or a pairing code to type."""

    @property
    def epoch(self) -> int:
        """The start of the connector whose socket has the code. The code ends with that socket."""

    @property
    def expires_at(self) -> float:
        """Boot clock, seconds."""


class Expiry:
    """The only place that decides whether a code is valid."""

    def __init__(self, clock: Clock, *, min_validity: float) -> None:
        """min_validity: seconds. A code that is valid for less than that counts as expired."""
        self._clock = clock
        self._min_validity = min_validity
        #: Session id -> the newest epoch whose socket is known to be closed.
        self._closed: dict[str, int] = {}
        #: The same of sockets that are being closed. Closing them may fail.
        self._closing: dict[str, int] = {}

    def wall(self) -> int:
        """Returns the milliseconds since 1970, for what is only shown."""
        return self._clock.wall()

    def mark_closed(self, session_id: str, epoch: int) -> None:
        """Invalidates the code of a socket that is closed, before the database can say so."""
        self._closed[session_id] = max(epoch, self._closed.get(session_id, 0))

    def closing(self, session_id: str, epoch: int) -> None:
        """Invalidates the code of a socket that is being closed, until `keep` is called."""
        self._closing[session_id] = epoch

    def keep(self, session_id: str) -> None:
        """Makes the code valid again, because closing the session's socket failed."""
        self._closing.pop(session_id, None)

    def reset(self, session_id: str) -> None:
        """Forgets a session that was deleted, or whose epochs start from one again."""
        self._closed.pop(session_id, None)
        self._closing.pop(session_id, None)

    def live(self, session: Session) -> Qr | None:
        """Returns the session's code if a phone can scan it now and has enough time for that."""
        qr = session.qr
        if qr is None or qr.boot_id != self._clock.boot_id:
            return None
        return qr if self.is_live(session.id, qr) else None

    def is_live(self, session_id: str, code: Code) -> bool:
        """Whether a code of this boot can be used: its socket is open, and enough time is left."""
        return self._has_socket(session_id, code.epoch) and self.left(code) >= 0

    def _has_socket(self, session_id: str, epoch: int) -> bool:
        """Whether the socket of this epoch is not known to be closed."""
        return epoch > max(self._closed.get(session_id, 0), self._closing.get(session_id, 0))

    def left(self, code: Code) -> float:
        """Returns the seconds until the code counts as expired; below 0 after that."""
        return code.expires_at - self._min_validity - self._clock.boot()

    def is_shown(self, session: Session) -> bool:
        """Whether the session's socket still has its code, even if too little time is left to scan it."""
        qr = session.qr
        if qr is None or qr.boot_id != self._clock.boot_id:
            return False
        return self._has_socket(session.id, qr.epoch) and qr.expires_at > self._clock.boot()

    def is_due(self, session: Session) -> bool:
        """Whether a read must get a new code first.

        Not while a pairing code can be typed: a socket for another QR code would end it.
        """
        if session.status not in UNPAIRED or self.live(session) is not None:
            return False
        return not awaits_pairing_code(session) or not self._has_socket(session.id, session.epoch)

    def shown(self, qr: Qr) -> int:
        """Returns when the code expires, in milliseconds since 1970. Only a step of wall time changes it."""
        computed = self._clock.wall() + round((qr.expires_at - self._clock.boot()) * 1000)
        return computed if abs(computed - qr.shown_expires_at) > MAX_SHOWN_DRIFT_MS else qr.shown_expires_at
