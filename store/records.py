"""Records: frozen values that the store returns and takes."""

from dataclasses import dataclass, field
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a session has its status."""

    #: Stable and for programs: `version-rejected`, `connection-lost`.
    code: str
    #: A sentence for people.
    detail: str


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


#: The kind of a message of which no copy could be read so far.
UNDECRYPTABLE = "undecryptable"

#: The kind of a message that only the phone shows.
VIEW_ONCE = "view_once"


class Via(StrEnum):
    """What an account's own message was written with."""

    API = "api"  # a caller of Motte
    PHONE = "phone"  # the phone, or another of the account's devices


class MessageStatus(StrEnum):
    """How far a message of a caller is. It only goes forward, in this order."""

    QUEUED = "queued"  # no connector has it
    HANDED = "handed"  # a connector has it, and may have sent it
    SENT = "sent"  # WhatsApp's server confirmed it
    DELIVERED = "delivered"  # a device of the other side has it
    READ = "read"
    PLAYED = "played"  # a voice message was listened to
    FAILED = "failed"  # it is not sent any more: the reason says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of an account, in either direction. Moments are milliseconds since 1970."""

    #: Its place among all that its session ever stored, from 1; 0: not stored yet.
    number: int = 0
    #: WhatsApp's id. The sender made it; for what callers send, Motte.
    id: str
    #: The chat that it is in: `15551234567@s.whatsapp.net`, `…@lid`, `…@g.us`. By number if that is known.
    chat: str
    #: The LID of the other side of a chat of two, `…@lid`; None if it is not known.
    chat_lid: str | None = None
    #: The author: in a chat of two the other side, or the account itself. By number if that is known.
    sender: str
    #: The LID of the sender; None if it is not known.
    sender_lid: str | None = None
    #: Whether the account itself wrote it.
    from_me: bool
    #: With what it wrote it. None: it came from others.
    via: Via | None = None
    #: The name that the sender shows to others.
    push_name: str | None = field(default=None, repr=False)
    #: `text`, `image`, UNDECRYPTABLE, VIEW_ONCE … as docs/reference/messages.md lists them.
    kind: str
    #: The text that a person reads, or a caption. No log shows it.
    text: str | None = field(default=None, repr=False)
    #: JSON of what it has besides the text: `server/domain/message_content.py`. No log shows it.
    content: str | None = field(default=None, repr=False)
    #: None: it came.
    status: MessageStatus | None = None
    #: Why it failed.
    status_reason: Reason | None = None
    #: How often it was handed to WhatsApp.
    attempts: int = 0
    #: When a caller asked for it.
    queued_at: int | None = None
    #: When WhatsApp's server confirmed it; of one that came, by the sender's clock or WhatsApp's.
    sent_at: int | None = None
    delivered_at: int | None = None
    read_at: int | None = None
    #: When it was stored.
    received_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTerms:
    """How a message is to be sent."""

    #: Seconds for which the chat sees that somebody types, before the message is sent.
    typing: float = 0.0
    #: What to do with it if nobody knows whether WhatsApp has it: `resend` or `fail`.
    on_doubt: str = "resend"
    #: When it is not worth sending any more: boot clock, seconds.
    until: float
    #: The same moment in milliseconds since 1970: used only after another boot.
    until_wall: int
    #: The boot whose clock this is.
    boot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage:
    """A message that is neither sent nor failed."""

    message: Message
    terms: SendTerms
    #: Whether a connector has it, or may have it.
    handed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """The place of a message in the outbox."""

    #: Grows with each message of any session.
    number: int
    message_id: str
    chat: str
    terms: SendTerms
    #: Whether a connector has it, or may have it.
    handed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxTotals:
    """What waits in all sessions."""

    #: Messages that no connector has.
    queued: int
    #: Messages that a connector has, or may have.
    handed: int
    #: When the oldest of both was queued, milliseconds since 1970; None if nothing waits.
    oldest: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedKey:
    """An idempotency key."""

    #: Of the request that came with it.
    request_sha256: str
    #: The message that the request made.
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """What is known of the other side of a chat."""

    #: Whether there was a message in the chat, in either direction.
    is_known: bool
    #: Whether the other side wrote.
    has_answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What WhatsApp said of a phone number."""

    #: Digits without `+`.
    number: str
    #: None: not known.
    lid: str | None = None
    #: Whether it has WhatsApp. None: nobody asked.
    is_there: bool | None = None
    #: The name that a business has confirmed.
    name: str | None = field(default=None, repr=False)
    #: When WhatsApp was asked, milliseconds since 1970.
    checked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLimits:
    """How many messages of one session are kept."""

    number: int = 100_000
    #: Of their rows, about.
    bytes: int = 100 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """What happened, before the log has it."""

    #: `session.status`, `message.received` …
    type: str
    #: Milliseconds since 1970.
    at: int
    #: JSON, without line breaks. It may contain the text of a message: no log shows it.
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the event log. None of it ever changes."""

    #: Its place among the events of all sessions, from 1. Callers never see it.
    number: int
    #: `evt_…`, random. A restore takes numbers back, but no id.
    id: str
    #: The place behind it, as callers see it: see store/event_cursors.py.
    cursor: str
    #: The session may be deleted by now.
    session_id: str
    #: `session.status`, `message.received` …
    type: str
    #: Milliseconds since 1970.
    at: int
    #: JSON, without line breaks. It may contain the text of a message: no log shows it.
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events of the log, the oldest first."""

    events: list[Event]
    #: Nothing up to this number remains to be read.
    #: Greater than that of the last event if other types follow.
    reached: int
    #: The smallest number after which no event of these sessions was removed: see EventLog.whole_after.
    whole_after: int
    #: Whether a session that the reader does not know yet has the id now: its events are left out.
    has_another: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLimits:
    """How many events of one session the log keeps."""

    number: int = 200_000
    #: Of their rows, about.
    bytes: int = 200 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right of one process to refresh a session."""

    session_id: str
    #: Names the process that holds it.
    owner: str
    #: Grows with each grant of any lease, so that what a late holder does is distinguished.
    token: int
    #: Boot clock, seconds. 0: released.
    expires_at: float
    #: The boot whose clock this is.
    boot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolDown:
    """How long no device is registered, after WhatsApp refused to register one."""

    #: Empty for the whole host.
    session_id: str
    #: Refusals in a row.
    refusals: int
    #: Why WhatsApp refused the last time.
    reason: Reason
    #: Seconds that it lasts in all. 0: the next attempt need not wait, but counts as one more in a row.
    length: float
    #: Boot clock, seconds.
    until: float
    #: The same moment in milliseconds since 1970: used only after another boot.
    until_wall: int
    #: The boot whose clock this is.
    boot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRequest:
    """What a follower asks of the leader."""

    id: int
    session_id: str
    #: `refresh`, `create`, `delete` …
    verb: str
    #: JSON. It may contain the password of a proxy.
    argument: str = field(repr=False)
    #: Boot clock, seconds: the follower waits no longer.
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key. Its text is stored nowhere, only its SHA-256."""

    name: str
    #: What it may do.
    scopes: tuple[str, ...]
    #: Ids of the sessions that it is bound to, which need not exist. None: it reaches every session.
    sessions: tuple[str, ...] | None = None
    #: Milliseconds since 1970.
    created_at: int
    #: Milliseconds since 1970, a minute late at most; None: not used yet.
    last_used_at: int | None = None
    #: The number of the newest event when it was made. Callers never see it.
    first_event: int = 0

    def may_see(self, session_id: str) -> bool:
        """Whether the session exists as far as this key is concerned."""
        return self.sessions is None or session_id in self.sessions
