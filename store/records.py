"""What the record holds: sessions with their codes, their messages, leases, keys."""

from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """Where a session stands, in the words that callers read."""

    STARTING = "starting"  # no code yet
    QR_WAITING = "qr_waiting"  # a code is or can be shown
    PAIRING = "pairing"  # scanned, not yet open
    CONNECTED = "connected"  # open: WhatsApp counts it as one of the account's devices
    DISCONNECTED = "disconnected"  # paired, the link is down, Motte is reconnecting
    LOGGED_OUT = "logged_out"  # the phone unlinked it or a logout was asked
    FAILED = "failed"  # needs a person: the reason says why
    STOPPED = "stopped"  # asked to rest


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a session stands where it stands."""

    #: Stable and for programs: `version-rejected`, `connection-lost`.
    code: str
    #: A sentence for people.
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Qr:
    """One code of one socket. Whether it still lives is asked of the boot clock alone."""

    #: What a picture must encode. Opaque, and a secret while it lives: no log shows it.
    payload: str = field(repr=False)
    #: Which code of its socket, from 1.
    ordinal: int
    #: Which start of the connector gave it.
    epoch: int
    #: Boot clock, seconds.
    issued_at: float
    #: Boot clock, seconds.
    expires_at: float
    #: The same moment in milliseconds since 1970: only for showing, since wall time may be stepped.
    shown_expires_at: int
    #: The boot whose clock this is.
    boot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One WhatsApp account as callers know it. Moments are milliseconds since 1970, UTC."""

    #: Chosen by the caller or made; a file, a pipe and a program are named after it.
    id: str
    #: A label of the caller's.
    name: str | None = None
    #: What the phone lists under Linked devices. None: the default.
    device_name: str | None = None
    #: URL of its own proxy, which may hold a password: no log shows it. None: it has none.
    proxy: str | None = field(default=None, repr=False)
    status: Status
    #: Why it stands there, where there is something to say.
    reason: Reason | None = None
    #: The newest code, until it is taken back; it may have expired.
    qr: Qr | None = None
    #: Digits without `+`; known once paired.
    phone_number: str | None = None
    #: The name that the account shows to others.
    push_name: str | None = None
    #: The newest start of the connector that was heard.
    epoch: int = 0
    #: Sequence number of the last spooled event that is stored.
    have: int = 0
    #: Which host owns it.
    node: str = "local"
    created_at: int
    updated_at: int
    #: When it last became `connected`.
    connected_at: int | None = None
    #: The same, and a logout does not take it away.
    linked_at: int | None = None


#: The kind of a message that no copy of which could be read so far.
UNDECRYPTABLE = "undecryptable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What an account received, or its owner sent from the phone. Moments are milliseconds since 1970."""

    #: Its place among all that were ever stored; 0: not stored yet.
    number: int = 0
    #: WhatsApp's, made by the sender.
    id: str
    #: Where it belongs: `15551234567@s.whatsapp.net`, `…@lid`, `…@g.us`. By number if that is known.
    chat: str
    #: The LID of the other side of a chat of two, `…@lid`; None if it is not known.
    chat_lid: str | None = None
    #: Who wrote it; in a chat of two that is the other, or the account itself. By number if that is known.
    sender: str
    #: The LID of the sender; None if it is not known.
    sender_lid: str | None = None
    #: The account itself wrote it, on another device.
    from_me: bool
    #: The name that the sender shows to others.
    push_name: str | None = field(default=None, repr=False)
    #: When the sender's clock or WhatsApp's says that it was sent.
    sent_at: int
    #: When it was stored.
    received_at: int
    #: `text`, UNDECRYPTABLE, `view_once`, or the name of WhatsApp's field, such as `imageMessage`.
    kind: str
    #: What a person reads: the text, or a caption. No log shows it.
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right of one process to refresh a session."""

    session_id: str
    #: Names the process that holds it.
    owner: str
    #: Grows with each grant, so that what a late holder does can be told from what the present one does.
    token: int
    #: Boot clock, seconds. 0: given back.
    expires_at: float
    #: The boot whose clock this is.
    boot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolDown:
    """How long WhatsApp is not asked to register a device, after it refused."""

    #: Empty for the whole host.
    session_id: str
    #: In a row.
    refusals: int
    #: Why it refused the last time.
    reason: Reason
    #: Seconds that it lasts in all; 0: the next try need not wait, but counts as one more in a row.
    length: float
    #: Boot clock, seconds.
    until: float
    #: The same moment in milliseconds since 1970: it counts only after another boot.
    until_wall: int
    #: The boot whose clock this is.
    boot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRequest:
    """What one front asks of the one that owns the pipes."""

    id: int
    session_id: str
    #: `refresh`, `create`, `delete` …
    verb: str
    #: JSON. It may hold a proxy's password.
    argument: str = field(repr=False)
    #: Boot clock, seconds: nobody waits any longer.
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key. Its text is nowhere: the record holds its SHA-256."""

    name: str
    #: What it may do.
    scopes: tuple[str, ...]
    #: Ids of the sessions that it is bound to, which need not exist; None: it reaches every session.
    sessions: tuple[str, ...] | None = None
    #: Milliseconds since 1970.
    created_at: int
    #: Milliseconds since 1970, a minute late at most; None: not used yet.
    last_used_at: int | None = None

    def may_see(self, session_id: str) -> bool:
        """Whether the session exists as far as this key is concerned."""
        return self.sessions is None or session_id in self.sessions
