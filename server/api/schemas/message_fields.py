"""Parts of requests about messages: names of people, chats and messages, and texts."""

from typing import Annotated

import msgspec

from server.core.errors import ValidationFailed
from server.documents.document import Document
from server.domain import phone_numbers, recipients
from server.domain.texts import TEXT_PATTERN, WITHOUT_NUL_PATTERN
from server.outbound.drafts import NamedMessage
from server.protocol.bounds import MAX_TEXT_UNITS

#: Of an id of a message.
MAX_ID_LENGTH = 200


def _number_or_address(pattern: str, *kinds: str) -> msgspec.Meta:
    """Returns the rules of a phone number or an address. kinds: of addresses, as they end."""
    ends = ", ".join(f"`…{kind}`" for kind in kinds)
    return msgspec.Meta(
        max_length=recipients.MAX_CHARACTERS,
        extra_json_schema={"pattern": pattern},
        description=f"a phone number with its country code, or an address: {ends}",
        examples=["+49 151 12345678"],
    )


Recipient = Annotated[
    str, _number_or_address(recipients.PATTERN, "@s.whatsapp.net", "@c.us", "@lid", "@g.us")
]
Person = Annotated[str, _number_or_address(recipients.PERSON_PATTERN, "@s.whatsapp.net", "@c.us", "@lid")]
PhoneNumber = Annotated[
    str,
    msgspec.Meta(
        extra_json_schema={"pattern": phone_numbers.PATTERN, "maxLength": phone_numbers.MAX_CHARACTERS}
    ),
]
Text = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        # No max_length: msgspec counts characters. checked_text counts units, and says so.
        extra_json_schema={"pattern": TEXT_PATTERN, "maxLength": MAX_TEXT_UNITS},
        description="at most 65,536 UTF-16 units, not only spaces",
    ),
]
MessageId = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=MAX_ID_LENGTH, extra_json_schema={"pattern": WITHOUT_NUL_PATTERN}),
]


class MessageName(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Names a message. Senders choose ids: chat and sender may be needed too."""

    id: MessageId
    chat: Recipient | None = None
    sender: Person | None = None


class MessageNameQuery(Document, frozen=True, forbid_unknown_fields=True):
    """The query of a request about one message."""

    #: None: any.
    chat: Annotated[Recipient | None, msgspec.Meta(description="the chat of the message")] = None
    sender: Annotated[Person | None, msgspec.Meta(description="the sender of the message")] = None


def named(message_id: str, chat: str | None, sender: str | None, *, pointer: str) -> NamedMessage:
    """Returns the message that is named. pointer: where chat and sender are. Raises ValidationFailed."""
    return NamedMessage(
        id=without_nul(message_id, f"{pointer}id"),
        chat=None if chat is None else address(chat, f"{pointer}chat"),
        sender=None if sender is None else person(sender, f"{pointer}sender"),
    )


def address(text: str, pointer: str) -> str:
    """Returns the address of a person or a group. Raises ValidationFailed."""
    try:
        return recipients.recipient(text)
    except ValueError as rule:
        raise ValidationFailed(str(rule), pointer=pointer) from None


def person(text: str, pointer: str) -> str:
    """Returns the address of a person. Raises ValidationFailed."""
    try:
        return recipients.person(text)
    except ValueError as rule:
        raise ValidationFailed(str(rule), pointer=pointer) from None


def checked_text(text: str, pointer: str = "/text") -> str:
    """Returns the text. Raises ValidationFailed."""
    if len(text.encode("utf-16-le")) > 2 * MAX_TEXT_UNITS:
        raise ValidationFailed(
            f"must have at most {MAX_TEXT_UNITS} UTF-16 units: most emoji have two or more", pointer=pointer
        )
    if not text.strip():
        raise ValidationFailed("must have a character that is not a space", pointer=pointer)
    return without_nul(text, pointer)


def without_nul(text: str, pointer: str) -> str:
    """Returns the text. Raises ValidationFailed."""
    if "\0" in text:
        raise ValidationFailed("must have no NUL character", pointer=pointer)
    return text
