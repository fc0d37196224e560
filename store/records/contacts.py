"""Records of the other sides of chats."""

from dataclasses import dataclass, field


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
