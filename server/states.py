"""The status of a session as a table: what may happen in each, and where it leads."""

from enum import StrEnum
from typing import Final

from store.records import Status


class Happening(StrEnum):
    """What moves a session."""

    QR_ISSUED = "qr_issued"  # a code is there to be scanned
    QRS_EXHAUSTED = "qrs_exhausted"  # the socket has shown all its codes
    PAIRED = "paired"  # the phone scanned
    OPENED = "opened"  # the link to WhatsApp is open
    LINK_LOST = "link_lost"  # the link is down, or its process died; somebody tries again
    REFUSED = "refused"  # WhatsApp wants something that only a person can give
    LOGGED_OUT = "logged_out"  # the account no longer knows this device
    GIVEN_UP = "given_up"  # supervisord starts the connector no more


_UNPAIRED_ENDS: Final = {
    Happening.QR_ISSUED: Status.QR_WAITING,
    Happening.QRS_EXHAUSTED: Status.QR_WAITING,
    Happening.PAIRED: Status.PAIRING,
    Happening.OPENED: Status.CONNECTED,
    Happening.REFUSED: Status.FAILED,
    Happening.LOGGED_OUT: Status.LOGGED_OUT,
    Happening.GIVEN_UP: Status.FAILED,
}
_PAIRED_ENDS: Final = {
    Happening.OPENED: Status.CONNECTED,
    Happening.LINK_LOST: Status.DISCONNECTED,
    Happening.REFUSED: Status.FAILED,
    Happening.LOGGED_OUT: Status.LOGGED_OUT,
    Happening.GIVEN_UP: Status.FAILED,
}

#: (status) -> (what happens -> the status after it). What is not named changes nothing.
TABLE: Final[dict[Status, dict[Happening, Status]]] = {
    Status.STARTING: _UNPAIRED_ENDS | {Happening.LINK_LOST: Status.STARTING},
    Status.QR_WAITING: _UNPAIRED_ENDS | {Happening.LINK_LOST: Status.QR_WAITING},
    # Scanned: a code after that means that the pairing never reached WhatsApp.
    Status.PAIRING: _UNPAIRED_ENDS | {Happening.LINK_LOST: Status.PAIRING},
    # A code for an account that is paired would mean lost credentials: it changes nothing.
    Status.CONNECTED: _PAIRED_ENDS,
    Status.DISCONNECTED: _PAIRED_ENDS,
    Status.LOGGED_OUT: {},
    # An operator may start the connector again by hand.
    Status.FAILED: {
        Happening.QR_ISSUED: Status.QR_WAITING,
        Happening.PAIRED: Status.PAIRING,
        Happening.OPENED: Status.CONNECTED,
        Happening.LOGGED_OUT: Status.LOGGED_OUT,
    },
    Status.STOPPED: {},
}

#: A read of one of these may wait for a code.
UNPAIRED: Final = frozenset({Status.STARTING, Status.QR_WAITING})
#: The account knows this device: these have a connector, whoever reads or not.
PAIRED: Final = frozenset({Status.PAIRING, Status.CONNECTED, Status.DISCONNECTED})


def after(status: Status, happening: Happening) -> Status | None:
    """The status that follows; None where the happening means nothing there."""
    return TABLE[status].get(happening)
