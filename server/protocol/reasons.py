"""The reasons why a session is not linked: connector/reasons.json, which connectors read too."""

from pathlib import Path
from typing import Final, Literal

import msgspec

from store.records import Reason, Session

#: The one table. It lies next to the connector's code, in the folder above this package.
FILE: Final = Path(__file__).resolve().parents[2] / "connector" / "reasons.json"


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pause that doubles with each failure. Seconds."""

    first: float
    longest: float


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What follows when a socket that was registering a device closed for a reason."""

    #: The code of the error that callers are told.
    error: str
    #: Sockets that one request opens before it is told.
    tries: int
    #: Who then waits for some minutes; None: nobody.
    cool_down: Literal["session", "host"] | None
    #: Sockets in a row that may close for it before that, without a code in between.
    free: int = 0


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """What one code of a reason means, and what follows from it."""

    #: The sentence that a session shows, in lower case. A colon and a cause may follow.
    detail: str
    #: What happened, for docs/reference/reasons.md.
    happened: str
    #: What is tried next, and who tries it, for docs/reference/reasons.md.
    next: str
    #: Whether no new try of Motte's can mend it.
    needs_person: bool
    #: Whether that holds for a session that is not paired, too: the next read does not try again.
    fails_unpaired: bool = False
    #: What a refresh does about it; None: it never ends a registration.
    refresh: Refresh | None = None
    #: What the page of a scan link says; None: nothing in particular.
    scan_page: str | None = None
    #: Seconds that a paired connector waits before it connects again; None: as after any lost link.
    pause: Pause | None = None
    #: The exit code of a connector that ends for this reason; None: it says the reason itself.
    exit: int | None = None


def _read(file: Path) -> dict[str, Meaning]:
    """Empty if the connectors' folder is missing: nothing can be started then, and `motte` says so."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Meaning])
    except FileNotFoundError:
        return {}


#: (code) -> what it means.
TABLE: Final = _read(FILE)

#: Codes that Motte cannot mend by trying again.
NEEDS_A_PERSON: Final = frozenset(code for code, meaning in TABLE.items() if meaning.needs_person)
#: The same of sessions that are not paired.
FAILS_UNPAIRED: Final = frozenset(code for code, meaning in TABLE.items() if meaning.fails_unpaired)


#: The connection has no QR code left, and stays open for a pairing code.
PAIRING_CODE_AWAITED: Final = "pairing-code-awaited"


def awaits_pairing_code(session: Session) -> bool:
    """Whether the session's socket has no QR code left, and stays open until a pairing code is typed."""
    return session.reason is not None and session.reason.code == PAIRING_CODE_AWAITED


def reason(code: str, detail: str | None = None) -> Reason:
    """The reason with this code. detail: None for the one of the table."""
    meaning = TABLE.get(code)
    return Reason(code, detail or (meaning.detail if meaning else code))
