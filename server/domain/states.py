"""State machine of a session's status, as a table."""

from enum import StrEnum
from typing import Final

from store.records.sessions import Session, Status


class Happening(StrEnum):
    """What changes a session's status: an event, or a client's request."""

    QR_ISSUED = "qr_issued"  # a code can be scanned
    QRS_EXHAUSTED = "qrs_exhausted"  # the socket has shown all its codes
    PAIRED = "paired"  # a phone scanned the code
    OPENED = "opened"  # the link to WhatsApp is open
    LINK_LOST = "link_lost"  # the link is down or the process ended; Motte tries again
    LINK_SOUGHT = "link_sought"  # the connector of a paired account runs, and has no link yet
    REFUSED = "refused"  # WhatsApp refused in a way that only a person can resolve
    LOGGED_OUT = "logged_out"  # the account no longer knows this device
    GIVEN_UP = "given_up"  # supervisord no longer starts the connector
    START_ASKED = "start_asked"  # a client wants it to run
    RESUME_ASKED = "resume_asked"  # a client wants it to run, and the account knows this device
    STOP_ASKED = "stop_asked"  # a client, or an operator with supervisorctl, wants it to stop
    RESTART_ASKED = "restart_asked"  # a client wants a new process; without linked credentials, a pairing
    RETRY_ASKED = "retry_asked"  # a client wants another try with the linked credentials
    FORGET_ASKED = "forget_asked"  # a client wants the credentials discarded, and a new pairing
    LOGOUT_ASKED = "logout_asked"  # a client wants the account to forget this device


#: A client may discard the credentials of any session.
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
#: An operator may start a stopped connector by hand. The connector then reports its state.
_STARTED_BY_HAND: Final = _ALWAYS | {
    Happening.QR_ISSUED: Status.QR_WAITING,
    Happening.PAIRED: Status.PAIRING,
    Happening.OPENED: Status.CONNECTED,
    Happening.LOGGED_OUT: Status.LOGGED_OUT,
}

#: Status -> happening -> next status. If a pair is missing, an event changes nothing, and a client's request
#: is a conflict.
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
    # A code after the scan means that the pairing did not reach WhatsApp.
    Status.PAIRING: _UNPAIRED_ENDS
    | {
        Happening.LINK_LOST: Status.PAIRING,
        Happening.LINK_SOUGHT: Status.PAIRING,
        Happening.RESUME_ASKED: Status.PAIRING,
        Happening.RESTART_ASKED: Status.PAIRING,
        Happening.LOGOUT_ASKED: Status.PAIRING,
    },
    # A code for a paired account would mean lost credentials: it changes nothing.
    Status.CONNECTED: _PAIRED_ENDS
    | {Happening.RESUME_ASKED: Status.CONNECTED, Happening.LOGOUT_ASKED: Status.CONNECTED},
    Status.DISCONNECTED: _PAIRED_ENDS
    | {Happening.RESUME_ASKED: Status.DISCONNECTED, Happening.LOGOUT_ASKED: Status.DISCONNECTED},
    Status.LOGGED_OUT: _ALWAYS
    | {
        Happening.RESTART_ASKED: Status.STARTING,
        # An operator has put linked credentials back.
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
        # Not in `failed`: a connector that WhatsApp refuses reports that, then its state, before it ends.
        Happening.LINK_SOUGHT: Status.DISCONNECTED,
    },
}

#: A read of a session in these may wait for a code.
UNPAIRED: Final = frozenset({Status.STARTING, Status.QR_WAITING})
#: The account knows this device. The connector runs, even if no client reads.
PAIRED: Final = frozenset({Status.PAIRING, Status.CONNECTED, Status.DISCONNECTED})
#: A session stays in one of these until a client restarts it.
OVER: Final = frozenset({Status.LOGGED_OUT, Status.FAILED})


def account(session: Session) -> str | None:
    """Returns the account whose credentials the folder must hold; None if it may begin a pairing."""
    return None if session.status is Status.LOGGED_OUT else session.phone_number


def after(status: Status, happening: Happening) -> Status | None:
    """Returns the next status; None if the happening has no meaning in this status."""
    return TABLE[status].get(happening)
