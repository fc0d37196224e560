"""All texts of the scan page: what it shows to the person who scans the code."""

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
from server.web import qr_images
from store.records import Session, Status


class State(StrEnum):
    """The look of the page."""

    WAITING = "waiting"  # a code will follow
    CODE = "code"  # a code to scan
    SCANNED = "scanned"  # the code was scanned; the connection is not open yet
    LINKED = "linked"  # the account is linked: the last view
    TROUBLE = "trouble"  # there is no code; Motte tries again
    STOPPED = "stopped"  # Motte stops; the page connects again
    STUCK = "stuck"  # there is no code until a person does something
    OVER = "over"  # the link is no longer valid: the last view


class View(msgspec.Struct, frozen=True, rename="camel"):
    """The part of the page that changes."""

    ENDS: ClassVar = frozenset({State.LINKED, State.OVER})

    state: State
    title: str
    text: str
    #: A `data:` URL.
    picture: str | None = None
    #: Until the code changes. A time span, because the clock of the viewer may be wrong.
    seconds_left: float | None = None

    @property
    def is_last(self) -> bool:
        """Whether no other view follows."""
        return self.state in self.ENDS


_RETRY = "This page tries again automatically. You can leave it open."
_REPORT = "Tell the person who sent you this link."
_REQUEST_NEW = "Ask the person who sent you this link for a new one."

LINKED = View(State.LINKED, "Connected", "WhatsApp is linked. You can close this page.")
WAITING = View(State.WAITING, "One moment", "A code will appear soon.")
TYPED = View(
    State.WAITING, "A pairing code is in use", reasons.TABLE[reasons.PAIRING_CODE_AWAITED].scan_page or ""
)
STOPPED = View(
    State.STOPPED,
    "The service has stopped",
    "It may be restarting. This page connects again automatically. You can leave it open.",
)
SCANNED = View(State.SCANNED, "Scanned", "Finishing up. Keep WhatsApp open on the phone.")
EXPIRED = View(State.OVER, "This link has expired", _REQUEST_NEW)
GONE = View(State.OVER, "This link is no longer valid", _REQUEST_NEW)
UNKNOWN = View(State.OVER, "This link does not work", f"Perhaps only a part of it was copied. {_REQUEST_NEW}")
USED = View(State.LINKED, "Already connected", "WhatsApp is linked. This link is no longer needed.")


def view_of(session: Session, expiry: Expiry, clock: Clock) -> View:
    """Returns the view of a session, for a page that was opened before the account was linked."""
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
        said = _reason_text(session)
        return View(State.TROUBLE, "No code at the moment", f"{said} {_RETRY}") if said else WAITING
    return View(
        State.CODE,
        "Scan this code",
        _reason_text(session) or "The next code appears here automatically.",
        picture="data:image/svg+xml;base64," + b64encode(qr_images.svg(code.payload).encode()).decode(),
        seconds_left=round(max(code.expires_at - clock.boot(), 0.0), 1),
    )


def view_of_error(error: MotteError) -> View:
    """Returns the view for an error: why there is no code."""
    if error.retry_after is None:
        return _stuck(error.code)
    if isinstance(error, WhatsAppUnreachable | ProxyFailed):
        return View(State.TROUBLE, "WhatsApp cannot be reached", _RETRY)
    if isinstance(error, WhatsAppRefused | AccountBanned | VersionRejected):
        text = f"This page tries again in {_span(error.retry_after)}. You can leave it open."
        return View(State.TROUBLE, "WhatsApp links no new devices at the moment", text)
    return View(State.TROUBLE, "The code takes longer than expected", _RETRY)


def _stuck(code: str) -> View:
    """code: of a reason or of an error."""
    known = reasons.TABLE.get(code)
    said = (known.scan_page if known else None, _REPORT)
    return View(State.STUCK, "No code can be shown", " ".join(filter(None, said)))


def _reason_text(session: Session) -> str | None:
    """Returns the text for the session's reason; None if the page shows none."""
    known = reasons.TABLE.get(session.reason.code) if session.reason else None
    return known.scan_page if known else None


def _span(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
