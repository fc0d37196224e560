"""Reasons why a session is not linked, from connector/reasons.json, which connectors read too."""

from typing import Final, Literal

import msgspec

from server.protocol.tables import read_table
from store.records.reason import Reason
from store.records.sessions import Session


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pause before a new try. It doubles with each failure. Seconds."""

    first: float
    longest: float


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What a refresh does if a socket that was registering a device closed for this reason."""

    #: Code of the error that the client gets.
    error: str
    #: Sockets that one request opens before it fails with that error.
    tries: int
    #: What then waits for some minutes: this session or all sessions of the host. None: nothing waits.
    cool_down: Literal["session", "host"] | None
    #: Sockets in a row that may close for this reason before the cool-down, without a code in between.
    free: int = 0


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """Meaning of one reason, and what follows from it."""

    #: The sentence that a session shows, in lower case. A colon and a cause may follow.
    detail: str
    #: What happened, for docs/reference/reasons.md.
    happened: str
    #: What Motte or a person does next, for docs/reference/reasons.md.
    next: str
    #: Whether only a person can resolve it, because a new try of Motte fails too.
    needs_person: bool
    #: Whether that is also true for an unpaired session: the next read does not try again.
    fails_unpaired: bool = False
    #: What a refresh does. None: this reason never ends a registration.
    refresh: Refresh | None = None
    #: Name of the text on the page of a scan link (`view` in server/web/texts). None: no text of its own.
    scan_page: str | None = None
    #: Seconds that a paired connector waits before it reconnects. None: as after any lost link.
    pause: Pause | None = None
    #: Exit code of a connector that ends for this reason. None: the connector reports the reason itself.
    exit: int | None = None


#: Code -> meaning.
TABLE: Final = read_table("reasons.json", Meaning)

#: Codes that only a person can resolve.
NEEDS_A_PERSON: Final = frozenset(code for code, meaning in TABLE.items() if meaning.needs_person)
#: The same for unpaired sessions.
FAILS_UNPAIRED: Final = frozenset(code for code, meaning in TABLE.items() if meaning.fails_unpaired)


#: The socket has no QR code left, and stays open for a pairing code.
PAIRING_CODE_AWAITED: Final = "pairing-code-awaited"


def awaits_pairing_code(session: Session) -> bool:
    """Whether the session's socket has no QR code left, and stays open for a pairing code."""
    return session.reason is not None and session.reason.code == PAIRING_CODE_AWAITED


def reason(code: str, detail: str | None = None) -> Reason:
    """Returns the reason with this code. detail: None for the detail of the table."""
    meaning = TABLE.get(code)
    return Reason(code, detail or (meaning.detail if meaning else code))
