"""What pages of messages look like, and how they are asked for."""

from typing import Annotated

import msgspec

from server.api.schemas.requests import PAGE_LIMIT, from_cursor, to_cursor
from server.api.schemas.responses import Document, Moment
from server.core.clock import iso
from store.records import Message

#: Before every message.
FIRST = 0

#: What SQLite can compare.
Number = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]


class MessageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}/messages."""

    #: The `nextCursor` of an earlier page. None: from the oldest on.
    after: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50

    def number(self) -> int:
        """The message behind which the page begins. Raises BadCursor."""
        return FIRST if self.after is None else from_cursor(self.after, tuple[Number])[0]


class MessageDocument(Document, frozen=True):
    """A message."""

    id: Annotated[str, msgspec.Meta(description="WhatsApp's own id of it")]
    chat: Annotated[str, msgspec.Meta(description="where it was written: a person's or a group's address")]
    chat_lid: Annotated[str | None, msgspec.Meta(description="the LID of a chat of two, if it is known")]
    sender: str
    sender_lid: Annotated[str | None, msgspec.Meta(description="the sender's LID, if it is known")]
    from_me: Annotated[bool, msgspec.Meta(description="whether the account wrote it itself, elsewhere")]
    push_name: Annotated[str | None, msgspec.Meta(description="the name that the sender shows to others")]
    sent_at: Moment
    received_at: Moment
    kind: Annotated[
        str, msgspec.Meta(description="`text`, `undecryptable`, or WhatsApp's name for what it is")
    ]
    text: str | None


class MessagePage(Document, frozen=True):
    """Messages, the oldest first."""

    items: list[MessageDocument]
    next_cursor: Annotated[
        str, msgspec.Meta(description="for `?after=`: always there, and gives only what came later")
    ]


def message_page(messages: list[Message], *, after: int) -> MessagePage:
    """A page. Its cursor is always there: asked with it, the next page holds only what came later."""
    last = messages[-1].number if messages else after
    items = [message_document(message) for message in messages]
    return MessagePage(items=items, next_cursor=to_cursor((last,)))


def message_document(message: Message) -> MessageDocument:
    """A message as every answer shows it."""
    return MessageDocument(
        id=message.id,
        chat=message.chat,
        chat_lid=message.chat_lid,
        sender=message.sender,
        sender_lid=message.sender_lid,
        from_me=message.from_me,
        push_name=message.push_name,
        sent_at=iso(message.sent_at),
        received_at=iso(message.received_at),
        kind=message.kind,
        text=message.text,
    )
