"""What a person who is to scan a code is shown: all the words of the scan page."""

import math
from base64 import b64encode
from enum import StrEnum
from typing import ClassVar

import msgspec

from server.core.clock import Clock
from server.core.errors import (
    AccountBanned,
    MotteError,
    ProxyFailed,
    VersionRejected,
    WhatsAppRefused,
    WhatsAppUnreachable,
)
from server.domain.expiry import Expiry
from server.domain.states import UNPAIRED
from server.protocol import reasons
from server.web import qr_images as pictures
from store.records import Session, Status


class State(StrEnum):
    """What the page looks like."""

    WAITING = "waiting"  # a code is on its way
    CODE = "code"  # there is one to scan
    SCANNED = "scanned"  # it was; the link is not open yet
    LINKED = "linked"  # it is: the end
    TROUBLE = "trouble"  # no code comes; another try follows
    STUCK = "stuck"  # no code comes until somebody does something about it
    OVER = "over"  # the page is good for nothing any more: the end


class View(msgspec.Struct, frozen=True, rename="camel"):
    """The part of the page that changes."""

    ENDS: ClassVar = frozenset({State.LINKED, State.OVER})

    state: State
    title: str
    text: str
    #: A `data:` URL.
    picture: str | None = None
    #: Until the code changes. A span: the clock of whoever looks at it may be wrong.
    seconds_left: float | None = None

    @property
    def is_last(self) -> bool:
        """Whether nothing follows."""
        return self.state in self.ENDS


_AGAIN = "Another try follows by itself. You can leave this page open."
_TELL = "Tell the person who sent you this link."
_ASK = "Ask the person who sent you this link for a new one."

LINKED = View(State.LINKED, "Connected", "WhatsApp is linked. You can close this page.")
WAITING = View(State.WAITING, "One moment", "A code is on its way.")
TYPED = View(
    State.WAITING, "A pairing code is in use", reasons.TABLE[reasons.PAIRING_CODE_AWAITED].scan_page or ""
)
SCANNED = View(State.SCANNED, "Scanned", "Finishing up. Keep WhatsApp open on the phone.")
EXPIRED = View(State.OVER, "This link has expired", _ASK)
GONE = View(State.OVER, "This link is not valid any more", _ASK)
UNKNOWN = View(State.OVER, "This link does not work", f"It may have been copied in part. {_ASK}")
USED = View(State.LINKED, "Already connected", "WhatsApp is linked. This link is not needed any more.")


def view_of(session: Session, expiry: Expiry, clock: Clock) -> View:
    """How the session stands, for a page that has been open since before it was linked."""
    if session.status is Status.CONNECTED:
        return LINKED
    if session.status is Status.PAIRING:
        return SCANNED
    if session.status not in UNPAIRED:
        return _stuck(session.reason.code if session.reason else "")
    code = expiry.live(session)
    if code is None:
        if reasons.awaits_pairing_code(session):
            return TYPED
        said = _said(session)
        return View(State.TROUBLE, "No code at the moment", f"{said} {_AGAIN}") if said else WAITING
    return View(
        State.CODE,
        "Scan this code",
        _said(session) or "The next one shows up here by itself.",
        picture="data:image/svg+xml;base64," + b64encode(pictures.svg(code.payload).encode()).decode(),
        seconds_left=round(max(code.expires_at - clock.boot(), 0.0), 1),
    )


def view_of_trouble(error: MotteError) -> View:
    """Why there is no code."""
    if error.retry_after is None:
        return _stuck(error.code)
    if isinstance(error, WhatsAppUnreachable | ProxyFailed):
        return View(State.TROUBLE, "WhatsApp cannot be reached", _AGAIN)
    if isinstance(error, WhatsAppRefused | AccountBanned | VersionRejected):
        text = f"Another try follows by itself in {_span(error.retry_after)}. You can leave this page open."
        return View(State.TROUBLE, "WhatsApp links no new device at the moment", text)
    return View(State.TROUBLE, "The code takes longer than it should", _AGAIN)


def _stuck(why: str) -> View:
    """why: the code of a reason or of an error."""
    known = reasons.TABLE.get(why)
    said = (known.scan_page if known else None, _TELL)
    return View(State.STUCK, "No code can be shown", " ".join(filter(None, said)))


def _said(session: Session) -> str | None:
    """What the page says of the session's reason."""
    known = reasons.TABLE.get(session.reason.code) if session.reason else None
    return known.scan_page if known else None


def _span(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
