"""The port of a transaction of one session."""

from collections.abc import Collection
from typing import Protocol

from store.ports.contacts import ContactRows
from store.ports.outbox import OutboxRows
from store.ports.read_marks import ReadMarkRows
from store.records.events import NewEvent
from store.records.messages import Message
from store.records.sessions import Session


class UnitOfWork(Protocol):
    """One transaction of the front that owns a session: all that it writes is stored, or nothing is.

    It runs on a thread of the store. Transactions of one session run one after the other, and the session is
    locked meanwhile: what was read here is still true when it is written, and messages have their numbers in
    the order in which they become visible.
    """

    #: As it was when the transaction began; None if there is no such session.
    session: Session | None

    def put(self, session: Session) -> None:
        """Writes the session and its code. Writes nothing that is as it was."""

    def add_message(self, message: Message) -> None:
        """Stores a message of the session, behind all others.

        A message that can be read takes the place of what was stored while it could not be: that row goes,
        and readers with a cursor get the message, which is behind their cursor.

        If the session has as many as it may have, the oldest of its loudest chat go; none of the outbox.
        """

    def add_event(self, event: NewEvent) -> None:
        """Adds an event of the session to the event log, behind all others.

        If the log holds as many of the session as it may, the oldest of the session go.
        """

    #: What waits to be sent.
    outbox: OutboxRows
    #: The other sides of its chats.
    contacts: ContactRows
    #: Read marks that WhatsApp has not confirmed.
    read_marks: ReadMarkRows

    def own_message(self, message_id: str) -> Message | None:
        """Returns the message that a caller sent under this id."""

    def messages_with(
        self, message_id: str, *, from_me: bool | None = None, of_any_account: bool = False
    ) -> list[Message]:
        """Returns the messages with this id, the oldest first: senders choose ids. from_me: None: any.

        of_any_account: also those from before another account was linked.
        """

    def mark_read(self, chats: Collection[str], *, last: int | None, most: int, at: int) -> list[Message]:
        """Writes that what came in a chat was read. Returns those that were not, the newest at most.

        What came before another account was linked does not count.

        WhatsApp is owed the marks from then on: see `read_marks`.

        chats: the addresses of the chat. last: the number of the last one that was read; None: all were.
        at: milliseconds since 1970.
        """

    def change_message(self, message: Message) -> None:
        """Writes what may change of a message, at its number: the status and its moments, and the LIDs."""
