"""What a message has besides its text, in the form in which callers read it and the store keeps it."""

import msgspec


class Part(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A JSON object with camel-case keys, which are all always present."""


class MessageReference(Part, frozen=True):
    """Names another message. Senders choose ids: only with chat and sender an id names one message."""

    id: str
    chat: str
    sender: str


class Quote(MessageReference, frozen=True):
    """The message that a message replies to."""

    #: As the reply quotes it. None: it quotes no text.
    text: str | None = None


class Location(Part, frozen=True):
    """A place."""

    #: Degrees, WGS 84.
    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class Contact(Part, frozen=True):
    """A contact card. Of several cards the first; `vcard` has them all, one after the other."""

    name: str | None = None
    #: Digits without `+`.
    phone_numbers: list[str] = []
    vcard: str | None = None


class Choice(Part, frozen=True):
    """What a person tapped or chose."""

    #: As the one who offered the choice named it.
    id: str | None = None
    #: As the person saw it.
    title: str | None = None


class Poll(Part, frozen=True):
    """A question with answers to choose from."""

    name: str
    options: list[str]
    #: How many of them a person may choose. 0: any number.
    selectable: int = 1


class Media(Part, frozen=True):
    """A file that a message has. Motte does not load it."""

    mimetype: str | None = None
    #: Bytes.
    size: int | None = None
    file_name: str | None = None
    #: Of a voice message, an audio file or a video.
    seconds: float | None = None


class Content(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """Everything besides the text. What a message lacks is not stored."""

    reply_to: Quote | None = None
    #: Addresses of those whom the text mentions.
    mentions: list[str] = []
    #: The message that an edit, a revoke, a reaction or a poll vote is about.
    target: MessageReference | None = None
    #: Of a reaction. None: the reaction is taken away.
    emoji: str | None = None
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
