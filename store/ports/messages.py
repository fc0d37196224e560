"""The port of messages."""

from collections.abc import Collection
from typing import Protocol

from store.records.messages import Message


class MessageStore(Protocol):
    """Messages, in the order in which they were stored."""

    async def page(
        self, session_id: str, *, after: int, limit: int, chats: Collection[str] | None = None
    ) -> list[Message]:
        """The next messages of a session, the oldest first.

        after: number of the last one already seen. If the session never had it, from the oldest on.
        chats: addresses of the chat that counts; None: every chat.
        """

    async def page_back(
        self, session_id: str, *, before: int, limit: int, chats: Collection[str] | None = None
    ) -> list[Message]:
        """The messages of a session that were stored before one, the newest first.

        before: number of the last one already seen, or one that is greater than any.
        chats: addresses of the chat that counts; None: every chat.
        """

    async def with_id(self, session_id: str, message_id: str) -> list[Message]:
        """The messages with this id, the oldest first: senders choose ids."""

    async def has_any(self, session_id: str) -> bool:
        """Whether a session has messages that are kept."""

    async def forget(self, before: int) -> bool:
        """Removes some of those that were stored before a moment; whether there may be more of them.

        before: milliseconds since 1970.
        """
