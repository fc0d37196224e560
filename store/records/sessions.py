"""Records of sessions."""

from dataclasses import dataclass, field
from enum import StrEnum

from store.records.reason import Reason


class Status(StrEnum):
    """The status of a session, in the words that callers read."""

    STARTING = "starting"  # no code yet
    QR_WAITING = "qr_waiting"  # a code is or can be shown
    PAIRING = "pairing"  # scanned, not yet open
    CONNECTED = "connected"  # open: WhatsApp counts it as one of the account's devices
    DISCONNECTED = "disconnected"  # paired, the link is down, Motte is reconnecting
    LOGGED_OUT = "logged_out"  # the phone removed the device, or a caller logged it out
    FAILED = "failed"  # needs a person: the reason says why
    STOPPED = "stopped"  # a caller stopped it


@dataclass(frozen=True, slots=True, kw_only=True)
class Qr:
    """One QR code of one socket. The boot clock alone decides whether it has expired."""

    #: What a picture must encode. Opaque, and a secret until it expires: no log shows it.
    payload: str = field(repr=False)
    #: Which code of its socket, from 1.
    ordinal: int
    #: The start of the connector that sent it.
    epoch: int
    #: Boot clock, seconds.
    issued_at: float
    #: Boot clock, seconds.
    expires_at: float
    #: The same moment in milliseconds since 1970: only to be shown, because wall time may be stepped.
    shown_expires_at: int
    #: The boot whose clock this is.
    boot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One WhatsApp account as callers know it. Moments are milliseconds since 1970, UTC."""

    #: Chosen by the caller or generated; files, pipes and a program have it in their names.
    id: str
    #: A label that the caller sets.
    name: str | None = None
    #: What the phone lists under Linked devices. None: the default.
    device_name: str | None = None
    #: URL of its own proxy, which may contain a password: no log shows it. None: without one.
    proxy: str | None = field(default=None, repr=False)
    status: Status
    #: Why it has that status, if there is something to say.
    reason: Reason | None = None
    #: The newest code, until it is withdrawn; it may have expired.
    qr: Qr | None = None
    #: Digits without `+`; known once paired.
    phone_number: str | None = None
    #: The number of the account that was linked last, also after the session has lost it.
    account: str | None = None
    #: The name that the account shows to others.
    push_name: str | None = None
    #: The newest start of the connector that sent an event.
    epoch: int = 0
    #: Sequence number of the last spooled event that is stored.
    have: int = 0
    #: Which host owns it.
    node: str = "local"
    created_at: int
    updated_at: int
    #: When it last became `connected`.
    connected_at: int | None = None
    #: The same, but a logout keeps it.
    linked_at: int | None = None
    #: Why WhatsApp lets the account begin no chats: `restricted` or `new-chat-limit`. None: it may.
    restriction: str | None = None
    #: Until when, if it may not. After that moment it may again.
    restricted_until: int | None = None
    #: Whether it came from a backup, and no connector has been told yet: keys that it has used are forgotten.
    is_restored: bool = False
