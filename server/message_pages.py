"""What pages of messages look like, and how they are asked for."""

from typing import Annotated, Any

import msgspec

from server.clock import iso
from server.payloads import PAGE_LIMIT, from_cursor, to_cursor
from store.records import Message

#: Before every message.
FIRST = 0

#: What SQLite can compare.
Number = Annotated[int, msgspec.Meta(ge=0, lt=2**63)]


class MessageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}/messages."""

    #: The `nextCursor` of an earlier page. None: from the oldest on.
    after: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50

    def number(self) -> int:
        """The message behind which the page begins. Raises BadCursor."""
        return FIRST if self.after is None else from_cursor(self.after, tuple[Number])[0]


def message_page(messages: list[Message], *, after: int) -> dict[str, Any]:
    """A page. Its cursor is always there: asked with it, the next page holds only what came later."""
    last = messages[-1].number if messages else after
    return {"items": [message_json(message) for message in messages], "nextCursor": to_cursor((last,))}


def message_json(message: Message) -> dict[str, Any]:
    """A message as every answer shows it; every key is always there."""
    return {
        "id": message.id,
        "chat": message.chat,
        "sender": message.sender,
        "fromMe": message.from_me,
        "pushName": message.push_name,
        "sentAt": iso(message.sent_at),
        "receivedAt": iso(message.received_at),
        "kind": message.kind,
        "text": message.text,
    }
