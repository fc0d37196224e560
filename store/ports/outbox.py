"""The ports of messages that are neither sent nor failed."""

from collections.abc import Collection
from typing import Protocol

from store.records.contacts import Acquaintance, Contact
from store.records.messages import Message
from store.records.outbox import OutboxEntry, OutboxTotals, QueuedMessage, SendTerms, UsedKey


class OutboxRows(Protocol):
    """The outbox of one session, inside a transaction."""

    def add(self, message: Message, terms: SendTerms) -> Message:
        """Stores a message behind all others, and queues it. Returns it with its number."""

    def reached(self, *, number: int, size: int) -> tuple[int, int] | None:
        """Returns how many messages wait and about how many bytes they have, if either has reached a bound.

        None: one more may wait. The cost does not grow with what waits, but for one of many calls.
        """

    def get(self, message_id: str) -> QueuedMessage | None:
        """Returns a message that is neither sent nor failed."""

    def all(self) -> list[QueuedMessage]:
        """Returns every message that is neither sent nor failed, the oldest first."""

    def is_next(self, message_id: str) -> bool:
        """Whether it is the oldest of its chat here, and a connector has no other one of that chat."""

    def mark_handed(self, message_id: str) -> None:
        """A connector gets it now."""

    def remove(self, message_id: str, *, at: int) -> None:
        """It is sent, or has failed. at: milliseconds since 1970."""

    def find_key(self, key: str) -> UsedKey | None:
        """Returns what an idempotency key was used for."""

    def keep_key(self, key: str, used: UsedKey) -> None:
        """Keeps an idempotency key that was not used yet."""


class OutboxStore(Protocol):
    """Messages that are neither sent nor failed, of all sessions."""

    async def session_ids(self) -> list[str]:
        """The sessions that have some."""

    async def entries(self, session_id: str, *, after: int = 0) -> list[OutboxEntry]:
        """Those of a session that are newer than a number, the oldest first."""

    async def acquaintances(self, session_id: str, chats: Collection[str]) -> dict[str, Acquaintance]:
        """What is known of chats, under any address of each."""

    async def contact(self, session_id: str, number: str) -> Contact | None:
        """What WhatsApp said of a number."""

    async def addresses(self, session_id: str, chat: str) -> list[str]:
        """The addresses of a chat: by number if that is known, then the LID; `chat` is one of them."""

    async def totals(self) -> OutboxTotals:
        """What waits in all sessions. The cost grows with what waits, not with what is stored."""

    async def forget_contacts(self, most: int) -> int:
        """Removes chats and contacts of sessions that have more than `most` of either; how many.

        Those go that nobody wrote in, or looked up, for longest, until 95 % of `most` are left.
        """

    async def forget_keys(self, before: int) -> None:
        """Forgets idempotency keys of messages that were sent or failed before a moment."""
