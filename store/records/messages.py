"""Records of messages."""

from dataclasses import dataclass, field
from enum import StrEnum

from store.records.reason import Reason

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
class MessageLimits:
    """How many messages of one session are kept."""

    number: int = 100_000
    #: Of their rows, about.
    bytes: int = 100 * 2**20
