"""The parts of a message besides its text, for connectors, callers and the store alike.

A connector cuts what came to these bounds (connector/ipc/bounds.js). What callers send has narrower ones
(server/api/schemas/new_message.py).
"""

from typing import Annotated

import msgspec

from server.protocol.bounds import (
    MAX_CONTACT_NUMBERS,
    MAX_MENTIONS,
    MAX_POLL_OPTIONS,
    Address,
    Chosen,
    Count,
    Label,
    Latitude,
    Longitude,
    Name,
    Number,
    Option,
    PlayingTime,
    Quotation,
    Text,
)


class Part(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A JSON object with camel-case keys. Motte writes all of them; an absent one is its default."""


class MessageReference(Part, frozen=True):
    """Names another message. Senders choose ids: only with chat and sender an id names one message."""

    id: Address
    chat: Address
    sender: Address


class Quote(MessageReference, frozen=True):
    """The message that a message replies to."""

    #: As the reply quotes it. None: it quotes no text.
    text: Quotation | None = None


class Location(Part, frozen=True):
    """A place."""

    #: Degrees, WGS 84.
    latitude: Latitude
    longitude: Longitude
    name: Label | None = None
    address: Label | None = None


class Contact(Part, frozen=True):
    """A contact card. Of several cards the first; `vcard` has them all, one after the other."""

    name: Label | None = None
    #: Digits without `+`.
    phone_numbers: Annotated[list[Number], msgspec.Meta(max_length=MAX_CONTACT_NUMBERS)] = []
    #: None, of a card that is sent: the connector makes one of the name and the numbers.
    vcard: Text | None = None


class Choice(Part, frozen=True):
    """What a person tapped or chose."""

    #: As the one who offered the choice named it.
    id: Chosen | None = None
    #: As the person saw it.
    title: Chosen | None = None


class Poll(Part, frozen=True):
    """A question with answers to choose from."""

    name: Label
    options: Annotated[list[Option], msgspec.Meta(max_length=MAX_POLL_OPTIONS)]
    #: How many of them a person may choose. 0: any number.
    selectable: Count = 0


class Media(Part, frozen=True):
    """A file that a message has. Motte does not load it."""

    mimetype: Name | None = None
    #: Bytes.
    size: Count | None = None
    file_name: Label | None = None
    #: Of a voice message, an audio file or a video.
    seconds: PlayingTime | None = None


#: Addresses of those whom a text mentions.
Mentions = Annotated[list[Address], msgspec.Meta(max_length=MAX_MENTIONS)]
