"""The port of read marks that WhatsApp has not confirmed."""

from collections.abc import Collection
from typing import Protocol

from store.records.messages import Message


class ReadMarkRows(Protocol):
    """The read marks of one session that WhatsApp has not confirmed, inside a transaction."""

    def owed(self, most: int) -> list[Message]:
        """Returns the newest messages of which WhatsApp is to be told, the oldest of them first."""

    def settle(self, chat: str, keys: Collection[tuple[str, str]]) -> None:
        """WhatsApp knows that messages of a chat were read. keys: the id and the sender of each."""

    def forget(self) -> None:
        """Forgets all of them: the session gets another account."""
