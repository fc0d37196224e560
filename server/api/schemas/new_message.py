"""The bodies of requests that send something, with their rules."""

from typing import Annotated, Literal

import msgspec

from server.api.schemas.message_fields import (
    MessageId,
    MessageName,
    Person,
    PhoneNumber,
    Recipient,
    Text,
    address,
    checked_text,
    named,
    person,
    without_nul,
)
from server.core.errors import ValidationFailed
from server.domain import phone_numbers
from server.domain.message_content import Content
from server.domain.texts import TEXT_PATTERN, VCARD_PATTERN, WITHOUT_NUL_PATTERN
from server.outbound.drafts import DEFAULT_TTL_SECONDS, Draft, NamedMessage
from server.protocol.bounds import MAX_MENTIONS
from server.protocol.content import Contact, Location

#: Of a contact card.
MAX_PHONE_NUMBERS = 20
MAX_NAME_LENGTH = 200
MAX_VCARD_LENGTH = 16_384
#: Of a place.
MAX_PLACE_LENGTH = 1_000
MAX_TYPING_SECONDS = 10
MAX_TTL_SECONDS = 7 * 86_400

Place = Annotated[
    str, msgspec.Meta(max_length=MAX_PLACE_LENGTH, extra_json_schema={"pattern": WITHOUT_NUL_PATTERN})
]


class NewLocation(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A place to send."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    name: Place | None = None
    address: Place | None = None


class NewContact(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A contact card to send: with phone numbers, or as a whole vCard."""

    name: Annotated[
        str,
        msgspec.Meta(min_length=1, max_length=MAX_NAME_LENGTH, extra_json_schema={"pattern": TEXT_PATTERN}),
    ]
    phone_numbers: Annotated[list[PhoneNumber], msgspec.Meta(max_length=MAX_PHONE_NUMBERS)] = []
    vcard: (
        Annotated[
            str, msgspec.Meta(max_length=MAX_VCARD_LENGTH, extra_json_schema={"pattern": VCARD_PATTERN})
        ]
        | None
    ) = None


class NewMessage(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions/{id}/messages: exactly one of text, location and contact."""

    to: Recipient
    text: Text | None = None
    location: NewLocation | None = None
    contact: NewContact | None = None
    reply_to: Annotated[
        MessageId | MessageName | None,
        msgspec.Meta(description="the id of the message that it replies to, or id, chat and sender"),
    ] = None
    mentions: Annotated[
        list[Person],
        msgspec.Meta(
            max_length=MAX_MENTIONS,
            description="persons whom the text names, as `@` and their number or the digits of their LID",
        ),
    ] = []
    typing: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            le=MAX_TYPING_SECONDS,
            description="seconds for which the chat sees that somebody types, before the message is sent",
        ),
    ] = 0
    ttl: Annotated[
        int,
        msgspec.Meta(
            ge=1, le=MAX_TTL_SECONDS, description="seconds after which it is not sent any more: `expired`"
        ),
    ] = DEFAULT_TTL_SECONDS
    on_doubt: Annotated[
        Literal["resend", "fail"],
        msgspec.Meta(
            description="what to do if nobody knows whether WhatsApp has it: send it again under its id, or "
            "let it fail"
        ),
    ] = "resend"

    def draft(self) -> Draft:
        """Returns the message to send. Raises ValidationFailed."""
        kind, text, content = self._content()
        return Draft(
            chat=address(self.to, "/to"),
            kind=kind,
            text=text,
            content=content,
            reply_to=self._reply_to(),
            typing=self.typing,
            ttl=self.ttl,
            on_doubt=self.on_doubt,
        )

    def __repr__(self) -> str:  # No log contains what somebody wrote.
        return "NewMessage(…)"

    def _content(self) -> tuple[str, str | None, Content]:
        given = [name for name in ("text", "location", "contact") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValidationFailed(f"has {' and '.join(given)}: send one of them", pointer="")
        if self.text is not None:
            people = [person(mention, f"/mentions/{at}") for at, mention in enumerate(self.mentions)]
            return "text", checked_text(self.text), Content(mentions=list(dict.fromkeys(people)))
        if self.mentions:
            raise ValidationFailed("belongs to a text", pointer="/mentions")
        if self.location is not None:
            return "location", None, Content(location=_location(self.location))
        if self.contact is not None:
            return "contact", None, Content(contact=_contact(self.contact))
        raise ValidationFailed("must have exactly one of text, location and contact", pointer="")

    def _reply_to(self) -> NamedMessage | None:
        match self.reply_to:
            case None:
                return None
            case str(message_id):
                return NamedMessage(id=without_nul(message_id, "/replyTo"))
            case name:
                return named(name.id, name.chat, name.sender, pointer="/replyTo/")


class EditedMessage(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /sessions/{id}/messages/{mid}."""

    text: Text

    def __repr__(self) -> str:
        return "EditedMessage(…)"


class NewReaction(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of PUT /sessions/{id}/messages/{mid}/reaction."""

    emoji: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]

    def checked(self) -> str:
        """Returns the emoji. Raises ValidationFailed."""
        if any(letter.isspace() or letter.isalpha() or letter < " " for letter in self.emoji):
            raise ValidationFailed("must be one emoji, without letters and spaces", pointer="/emoji")
        return self.emoji


def _location(place: NewLocation) -> Location:
    return Location(
        latitude=place.latitude,
        longitude=place.longitude,
        name=_or_none(place.name, "/location/name"),
        address=_or_none(place.address, "/location/address"),
    )


def _contact(card: NewContact) -> Contact:
    numbers = []
    for at, number in enumerate(card.phone_numbers):
        try:
            numbers.append(phone_numbers.digits_of(number))
        except ValueError as rule:
            raise ValidationFailed(str(rule), pointer=f"/contact/phoneNumbers/{at}") from None
    if not numbers and card.vcard is None:
        raise ValidationFailed("must have phoneNumbers or a vcard", pointer="/contact")
    if card.vcard is not None and not card.vcard.lstrip().startswith("BEGIN:VCARD"):
        raise ValidationFailed("must begin with BEGIN:VCARD", pointer="/contact/vcard")
    return Contact(
        name=checked_text(card.name, "/contact/name"),
        phone_numbers=numbers,
        vcard=_or_none(card.vcard, "/contact/vcard"),
    )


def _or_none(text: str | None, pointer: str) -> str | None:
    return None if text is None else without_nul(text, pointer)
