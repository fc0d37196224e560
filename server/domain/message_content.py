"""What a message has besides its text, as the store keeps it."""

import msgspec

from server.protocol.bounds import Name
from server.protocol.content import Choice, Contact, Location, Media, Mentions, MessageReference, Poll, Quote


class Content(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """Everything besides the text. What a message lacks is not stored."""

    reply_to: Quote | None = None
    #: Addresses of those whom the text mentions.
    mentions: Mentions = []
    #: The message that an edit, a revoke, a reaction or a poll vote is about.
    target: MessageReference | None = None
    #: Of a reaction. None: the reaction is taken away.
    emoji: Name | None = None
    location: Location | None = None
    contact: Contact | None = None
    choice: Choice | None = None
    poll: Poll | None = None
    media: Media | None = None


#: Of a message that is nothing but a text.
NO_CONTENT = Content()

_decoder = msgspec.json.Decoder(Content)


def encode_content(content: Content) -> str | None:
    """Returns the JSON to store. None: there is nothing besides the text."""
    return None if content == NO_CONTENT else msgspec.json.encode(content).decode()


def decode_content(stored: str | None) -> Content:
    """Returns what `encode_content` stored."""
    return NO_CONTENT if stored is None else _decoder.decode(stored)
