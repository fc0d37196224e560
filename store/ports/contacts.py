"""The port of the other sides of chats."""

from collections.abc import Collection
from typing import Protocol

from store.records.contacts import Contact


class ContactRows(Protocol):
    """The other sides of a session's chats, inside a transaction."""

    def meet(self, addresses: Collection[str], *, has_answered: bool, at: int) -> None:
        """There is a message in the chat with these addresses. has_answered: the other side wrote it.

        at: milliseconds since 1970.
        """

    def is_shown(self, addresses: Collection[str]) -> bool:
        """Whether there was a message in a chat with one of these addresses, sent, received or queued."""

    def link(self, number: str, lid: str, *, at: int) -> bool:
        """A number and a LID belong to one account. Returns whether that is new. at: ms since 1970.

        What waits to be sent to the LID is in one chat with what waits for the number then.
        """

    def put(self, contact: Contact) -> None:
        """Writes what WhatsApp said of a number; a LID that is known stays."""

    def get(self, number: str) -> Contact | None:
        """Returns what is known of a number."""

    def addresses(self, chat: str) -> list[str]:
        """Returns the addresses of a chat, `chat` among them: by number if known, then the LID."""

    def forget(self) -> None:
        """Forgets all of them: the session gets another account."""
