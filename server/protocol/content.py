"""What a message has besides its text, as a connector writes it. The connector cuts it to the same bounds."""

from typing import Annotated

import msgspec

from server.protocol.bounds import (
    Address,
    Chosen,
    Count,
    Label,
    Latitude,
    Longitude,
    Name,
    Number,
    Option,
    Quotation,
    Text,
)


class Part(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A JSON object inside an event."""


class Reference(Part, frozen=True):
    """Names another message."""

    id: Address
    chat: Address
    sender: Address


class Quoted(Reference, frozen=True):
    """The message that a message replies to."""

    text: Quotation | None = None


class Place(Part, frozen=True):
    """A place."""

    latitude: Latitude
    longitude: Longitude
    name: Label | None = None
    address: Label | None = None


class Card(Part, frozen=True):
    """A contact card. Of several cards the first; `vcard` has them all."""

    name: Label | None = None
    phone_numbers: Annotated[list[Number], msgspec.Meta(max_length=100)] = []
    vcard: Text | None = None


class Selection(Part, frozen=True):
    """What a person tapped or chose."""

    id: Chosen | None = None
    title: Chosen | None = None


class Question(Part, frozen=True):
    """A poll."""

    name: Label
    options: Annotated[list[Option], msgspec.Meta(max_length=100)]
    #: 0: any number.
    selectable: Count = 0


class File(Part, frozen=True):
    """A file that a message has."""

    mimetype: Name | None = None
    #: Bytes.
    size: Count | None = None
    file_name: Label | None = None
    seconds: Count | None = None


#: Addresses of those whom a text mentions.
Mentions = Annotated[list[Address], msgspec.Meta(max_length=1_024)]
