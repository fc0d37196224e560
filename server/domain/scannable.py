"""Whether a session has a code to scan, and the error if it has none."""

from server.core.errors import AlreadyConnected, ConflictingState
from server.domain.expiry import Expiry
from server.domain.states import UNPAIRED
from server.protocol.reasons import awaits_pairing_code
from store.records.sessions import Qr, Session, Status


def check_scannable(session: Session) -> None:
    """Checks that the session's status allows codes. Raises AlreadyConnected, ConflictingState."""
    if session.status is Status.CONNECTED:
        raise AlreadyConnected(session=session)
    if session.status not in UNPAIRED:
        raise ConflictingState(f"there is no code to scan while {session.status}", session=session)


def code_of(session: Session, expiry: Expiry) -> Qr:
    """Returns the code of a refreshed session. Raises AlreadyConnected, ConflictingState."""
    check_scannable(session)
    code = expiry.live(session)
    if code is None and session.reason is not None and awaits_pairing_code(session):
        raise ConflictingState(session.reason.detail, session=session)
    if code is None:
        raise ConflictingState(f"there is no code to scan while {session.status}", session=session)
    return code
