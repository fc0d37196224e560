"""Records of the outbox."""

from dataclasses import dataclass

from store.records.messages import Message


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
