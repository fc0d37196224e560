"""What somebody does in a chat, as events show it."""

from typing import Annotated

from msgspec import Meta

from server.documents.document import Document
from server.domain.whatsapp_addresses import number_of
from server.protocol.events.chats import Typing


class TypingDocument(Document, frozen=True):
    """Somebody types, records a voice message, or has stopped."""

    chat: Annotated[str, Meta(description="the address of the person or group")]
    sender: Annotated[str, Meta(description="the address of the person who types")]
    number: Annotated[str | None, Meta(description="the number of that person, digits, if known")]
    kind: Annotated[str, Meta(description="`text` or `voice`")]
    is_typing: bool


def typing_document(typing: Typing) -> TypingDocument:
    """Returns what somebody does as every event shows it."""
    return TypingDocument(
        chat=typing.chat,
        sender=typing.sender,
        number=number_of(typing.sender),
        kind=typing.kind,
        is_typing=typing.is_typing,
    )
