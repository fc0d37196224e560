"""The status of a session as a table: what may happen in each, and where it leads."""

from enum import StrEnum
from typing import Final

from store.records import Session, Status


class Happening(StrEnum):
    """What moves a session."""

    QR_ISSUED = "qr_issued"  # a code is there to be scanned
    QRS_EXHAUSTED = "qrs_exhausted"  # the socket has shown all its codes
    PAIRED = "paired"  # the phone scanned
    OPENED = "opened"  # the link to WhatsApp is open
    LINK_LOST = "link_lost"  # the link is down, or its process died; somebody tries again
    LINK_SOUGHT = "link_sought"  # the connector of a paired account runs, and has no link yet
    REFUSED = "refused"  # WhatsApp wants something that only a person can give
    LOGGED_OUT = "logged_out"  # the account no longer knows this device
    GIVEN_UP = "given_up"  # supervisord starts the connector no more
    START_ASKED = "start_asked"  # a caller wants it to run
    RESUME_ASKED = "resume_asked"  # a caller wants it to run, and the account knows this device
    STOP_ASKED = "stop_asked"  # a caller, or an operator's supervisorctl, wants it to rest
    RESTART_ASKED = "restart_asked"  # a caller wants a new process; without linked credentials, a pairing
    RETRY_ASKED = "retry_asked"  # a caller wants another try with the linked credentials that are there
    FORGET_ASKED = "forget_asked"  # a caller wants the credentials discarded and a new pairing
    LOGOUT_ASKED = "logout_asked"  # a caller wants the account to forget this device


#: A caller may discard the credentials of any session.
_ALWAYS: Final = {Happening.FORGET_ASKED: Status.STARTING}
_UNPAIRED_ENDS: Final = _ALWAYS | {
    Happening.QR_ISSUED: Status.QR_WAITING,
    Happening.QRS_EXHAUSTED: Status.QR_WAITING,
    Happening.PAIRED: Status.PAIRING,
    Happening.OPENED: Status.CONNECTED,
    Happening.REFUSED: Status.FAILED,
    Happening.LOGGED_OUT: Status.LOGGED_OUT,
    Happening.GIVEN_UP: Status.FAILED,
    Happening.STOP_ASKED: Status.STOPPED,
}
_PAIRED_ENDS: Final = _ALWAYS | {
    Happening.OPENED: Status.CONNECTED,
    Happening.LINK_LOST: Status.DISCONNECTED,
    Happening.LINK_SOUGHT: Status.DISCONNECTED,
    Happening.REFUSED: Status.FAILED,
    Happening.LOGGED_OUT: Status.LOGGED_OUT,
    Happening.GIVEN_UP: Status.FAILED,
    Happening.STOP_ASKED: Status.STOPPED,
    Happening.RESTART_ASKED: Status.DISCONNECTED,
}
#: An operator may start by hand what rests: the connector then says how it stands.
_STARTED_BY_HAND: Final = _ALWAYS | {
    Happening.QR_ISSUED: Status.QR_WAITING,
    Happening.PAIRED: Status.PAIRING,
    Happening.OPENED: Status.CONNECTED,
    Happening.LOGGED_OUT: Status.LOGGED_OUT,
}

#: (status) -> (what happens -> the status after it). What is not named: an event changes nothing there, and
#: what a caller asks is a conflict.
TABLE: Final[dict[Status, dict[Happening, Status]]] = {
    Status.STARTING: _UNPAIRED_ENDS
    | {
        Happening.LINK_LOST: Status.STARTING,
        Happening.LINK_SOUGHT: Status.STARTING,
        Happening.START_ASKED: Status.STARTING,
        Happening.RESTART_ASKED: Status.STARTING,
    },
    Status.QR_WAITING: _UNPAIRED_ENDS
    | {
        Happening.LINK_LOST: Status.QR_WAITING,
        Happening.LINK_SOUGHT: Status.QR_WAITING,
        Happening.START_ASKED: Status.QR_WAITING,
        Happening.RESTART_ASKED: Status.STARTING,
    },
    # Scanned: a code after that means that the pairing never reached WhatsApp.
    Status.PAIRING: _UNPAIRED_ENDS
    | {
        Happening.LINK_LOST: Status.PAIRING,
        Happening.LINK_SOUGHT: Status.PAIRING,
        Happening.RESUME_ASKED: Status.PAIRING,
        Happening.RESTART_ASKED: Status.PAIRING,
        Happening.LOGOUT_ASKED: Status.PAIRING,
    },
    # A code for an account that is paired would mean lost credentials: it changes nothing.
    Status.CONNECTED: _PAIRED_ENDS
    | {Happening.RESUME_ASKED: Status.CONNECTED, Happening.LOGOUT_ASKED: Status.CONNECTED},
    Status.DISCONNECTED: _PAIRED_ENDS
    | {Happening.RESUME_ASKED: Status.DISCONNECTED, Happening.LOGOUT_ASKED: Status.DISCONNECTED},
    Status.LOGGED_OUT: _ALWAYS
    | {
        Happening.RESTART_ASKED: Status.STARTING,
        # Somebody has put linked credentials back.
        Happening.RETRY_ASKED: Status.DISCONNECTED,
        Happening.LOGOUT_ASKED: Status.LOGGED_OUT,
    },
    Status.FAILED: _STARTED_BY_HAND
    | {
        Happening.STOP_ASKED: Status.STOPPED,
        Happening.RESTART_ASKED: Status.STARTING,
        Happening.RETRY_ASKED: Status.DISCONNECTED,
    },
    Status.STOPPED: _STARTED_BY_HAND
    | {
        Happening.STOP_ASKED: Status.STOPPED,
        Happening.START_ASKED: Status.STARTING,
        Happening.RESUME_ASKED: Status.DISCONNECTED,
        # Not of `failed`: a connector that WhatsApp refuses says so, and then how it stands, before it ends.
        Happening.LINK_SOUGHT: Status.DISCONNECTED,
    },
}

#: A read of one of these may wait for a code.
UNPAIRED: Final = frozenset({Status.STARTING, Status.QR_WAITING})
#: The account knows this device: these have a connector, whoever reads or not.
PAIRED: Final = frozenset({Status.PAIRING, Status.CONNECTED, Status.DISCONNECTED})
#: A session in one of these stays there until a caller restarts it.
OVER: Final = frozenset({Status.LOGGED_OUT, Status.FAILED})


def account(session: Session) -> str | None:
    """Whose credentials the session's folder must hold; None: nobody's, so that it may begin a pairing."""
    return None if session.status is Status.LOGGED_OUT else session.phone_number


def after(status: Status, happening: Happening) -> Status | None:
    """The status that follows; None where the happening means nothing there."""
    return TABLE[status].get(happening)
