"""Applies requests of clients to a session: start, stop, restart, log out. Pure."""

from dataclasses import replace

from server.core.errors import ConflictingState
from server.domain import states
from server.domain.states import Happening
from server.domain.transitions import Now
from store.records.sessions import Session, Status

#: Verb in an error's text.
_VERBS = {
    Happening.START_ASKED: "start",
    Happening.RESUME_ASKED: "start",
    Happening.STOP_ASKED: "stop",
    Happening.RESTART_ASKED: "restart",
    Happening.RETRY_ASKED: "restart",
    Happening.FORGET_ASKED: "restart",
    Happening.LOGOUT_ASKED: "log out",
}

#: Requests that begin a pairing if the session is logged out.
_BEGINNINGS = (Happening.RESTART_ASKED, Happening.RETRY_ASKED)


def apply_request(session: Session, happening: Happening, now: Now) -> Session:
    """Returns the session after a client's request. Raises ConflictingState."""
    status = check_request(session, happening)
    begins_pairing = session.status is Status.LOGGED_OUT and happening in _BEGINNINGS
    if happening is Happening.FORGET_ASKED or begins_pairing:
        session = replace(session, qr=None, phone_number=None, push_name=None, connected_at=None)
    if status is session.status:
        return session
    return replace(session, status=status, reason=None, qr=None, updated_at=now.wall)


def check_request(session: Session, happening: Happening) -> Status:
    """Returns the status after a client's request. Raises ConflictingState."""
    status = states.after(session.status, happening)
    if status is None:
        verb = _VERBS[happening]
        advice = "; a restart begins a new pairing" if session.status is Status.LOGGED_OUT else ""
        raise ConflictingState(f"cannot {verb} while {session.status}{advice}", session=session)
    return status
