"""What callers ask to be sent, once it is checked."""

from dataclasses import dataclass, field

from server.domain.message_content import NO_CONTENT, Content

#: Seconds after which a message is not worth sending any more, unless its caller says otherwise.
DEFAULT_TTL_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMessage:
    """A message that a caller names. Senders choose ids: chat and sender may be needed too."""

    id: str
    #: An address. None: any.
    chat: str | None = None
    #: An address. None: any.
    sender: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to send."""

    #: The address of a person or a group.
    chat: str
    #: text, location, contact.
    kind: str
    text: str | None = field(default=None, repr=False)
    #: Mentions, location or contact card.
    content: Content = field(default=NO_CONTENT, repr=False)
    reply_to: NamedMessage | None = None
    #: Seconds for which the chat sees that somebody types, before the message is sent.
    typing: float = 0.0
    #: Seconds after which it is not worth sending any more.
    ttl: float = DEFAULT_TTL_SECONDS
    #: What to do with it if nobody knows whether WhatsApp has it: `resend` or `fail`.
    on_doubt: str = "resend"
