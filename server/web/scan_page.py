"""What the scan page shows to the person who links the account."""

import math
import re
from base64 import b64encode
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
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
from server.web.languages import Texts, texts_in
from server.web.templates import Markup, emphasized, fragment, page
from store.records.sessions import Session, Status


class State(StrEnum):
    """The look of the page."""

    WAITING = "waiting"  # a code will follow
    CODE = "code"  # a code to scan
    SCANNED = "scanned"  # the code was scanned; the connection is not open yet
    LINKED = "linked"  # the account is linked: the last view
    TROUBLE = "trouble"  # there is no code; Motte tries again
    TYPED = "typed"  # no QR code, because a pairing code is in use
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


#: The name of a text.
_RETRY = "retry"

#: Phones, and no tablets: WhatsApp is on the phone.
_PHONE = re.compile(r"^(?!.*iPad).*Mobi")


class Views:
    """The views of the page in one language."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts.view
        self.linked = self._named(State.LINKED, "linked", "linked_text")
        self.waiting = self._named(State.WAITING, "waiting", "waiting_text")
        self.typed = self._named(State.TYPED, "typed", "type_code")
        self.scanned = self._named(State.SCANNED, "scanned", "scanned_text")
        self.stopped = self._named(State.STOPPED, "stopped", "stopped_text")
        self.expired = self._named(State.OVER, "expired", "request_new")
        self.gone = self._named(State.OVER, "gone", "request_new")
        self.unknown = self._named(State.OVER, "unknown", "partial", "request_new")
        self.used = self._named(State.LINKED, "used", "used_text")

    def of(self, session: Session, expiry: Expiry, clock: Clock) -> View:
        """Returns the view of a session, for a page that was opened before the account was linked."""
        if session.status is Status.CONNECTED:
            return self.linked
        if session.status is Status.PAIRING:
            return self.scanned
        reason = _reason_text(session.reason.code if session.reason else "")
        if session.status not in UNPAIRED:
            return self._stuck(reason)
        code = expiry.live(session)
        if code is None:
            if reasons.awaits_pairing_code(session):
                return self.typed
            return self._named(State.TROUBLE, "trouble", reason, _RETRY) if reason else self.waiting
        return View(
            State.CODE,
            self._texts["code_title"],
            self._texts[reason or "code_text"],
            picture="data:image/svg+xml;base64," + b64encode(qr_images.svg(code.payload).encode()).decode(),
            seconds_left=round(max(code.expires_at - clock.boot(), 0.0), 1),
        )

    def of_error(self, error: MotteError) -> View:
        """Returns the view for an error: why there is no code."""
        if error.retry_after is None:
            return self._stuck(_reason_text(error.code))
        if isinstance(error, WhatsAppUnreachable | ProxyFailed):
            return self._named(State.TROUBLE, "unreachable", _RETRY)
        if isinstance(error, WhatsAppRefused | AccountBanned | VersionRejected):
            return View(State.TROUBLE, self._texts["refused_title"], self._retry_in(error.retry_after))
        return self._named(State.TROUBLE, "slow", _RETRY)

    def _named(self, state: State, title: str, *texts: str) -> View:
        return View(state, self._texts[f"{title}_title"], " ".join(self._texts[name] for name in texts))

    def _stuck(self, reason: str | None) -> View:
        """reason: the name of its text."""
        return self._named(State.STUCK, "stuck", *filter(None, (reason, "report")))

    def _retry_in(self, seconds: int) -> str:
        if seconds < 90:
            return self._texts["retry_seconds"].format(count=seconds)
        return self._texts["retry_minutes"].format(count=math.ceil(seconds / 60))


@cache
def views_in(language: str) -> Views:
    """Returns the views in one of the LANGUAGES."""
    return Views(texts_in(language))


def scan_html(
    view: View, *, language: str, token: str, name: str | None, is_phone: bool, **values: str
) -> bytes:
    """Returns the page. On a phone, the number comes first: a phone cannot scan its own screen.

    name: of the session. values: of the template: `sandbox` and `reload`.
    """
    texts = texts_in(language)
    fixed = {place: emphasized(text) for place, text in texts.page.items()}
    shown = {**fixed, **_changing(view), **values, "token": token, "sandbox_text": fixed["sandbox"]}
    parts = [fragment("scan_code.html", **shown), fragment("scan_number.html", **shown)]
    heading = texts.page["heading_named"].replace("{name}", name) if name else texts.page["heading"]
    shown["heading"] = heading
    return page(
        "scan.html",
        **shown,
        lang=language,
        device="phone" if is_phone else "desktop",
        texts=msgspec.json.encode(texts.script).decode(),
        errors=msgspec.json.encode(texts.error).decode(),
        parts=Markup("".join(reversed(parts) if is_phone else parts)),
    )


def refused_html(view: View, *, language: str) -> bytes:
    """Returns the page of a link that is not valid."""
    return page("refused.html", lang=language, **_changing(view))


def is_phone(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a phone, as far as its browser says."""
    return headers.get("Sec-CH-UA-Mobile") == "?1" or _PHONE.search(headers.get("User-Agent", "")) is not None


def _changing(view: View) -> dict[str, str]:
    return {"state": view.state, "headline": view.title, "text": view.text}


def _reason_text(code: str) -> str | None:
    """Returns the name of the text for a reason or an error; None if the page has none."""
    known = reasons.TABLE.get(code)
    return known.scan_page if known else None
