"""Read marks that WhatsApp has not confirmed, on SQLite: the table `owed_reads`."""

import sqlite3
from collections.abc import Collection

from store.ports.read_marks import ReadMarkRows
from store.records.messages import Message
from store.sqlite.messages import SELECTED, message_of


class SqliteReadMarkRows(ReadMarkRows):
    """The marks of one session, inside a transaction."""

    def __init__(self, connection: sqlite3.Connection, session_id: str) -> None:
        self._connection = connection
        self._session_id = session_id

    def owe(self, message: Message) -> None:
        """The mark of a message is owed to WhatsApp."""
        self._connection.execute(
            """
            INSERT INTO owed_reads (number, session_id)
            SELECT number, session_id
            FROM messages
            WHERE session_id = :session_id AND place = :place
            ON CONFLICT (number) DO NOTHING
            """,
            {"session_id": self._session_id, "place": message.number},
        )

    def owed(self, most: int) -> list[Message]:
        rows = self._connection.execute(
            f"""
            SELECT {SELECTED}
            FROM messages
            WHERE number IN (
                SELECT number
                FROM owed_reads
                WHERE session_id = :session_id
                ORDER BY number DESC
                LIMIT :most
            )
            ORDER BY place
            """,  # noqa: S608  # names of columns
            {"session_id": self._session_id, "most": most},
        )
        return [message_of(row) for row in rows]

    def settle(self, chat: str, keys: Collection[tuple[str, str]]) -> None:
        self._connection.executemany(
            """
            DELETE FROM owed_reads
            WHERE number IN (
                SELECT number
                FROM messages
                WHERE session_id = :session_id AND id = :id AND chat = :chat AND sender = :sender
            )
            """,
            [
                {"session_id": self._session_id, "chat": chat, "id": message_id, "sender": sender}
                for message_id, sender in keys
            ],
        )

    def forget(self) -> None:
        self._connection.execute(
            "DELETE FROM owed_reads WHERE session_id = :session_id", {"session_id": self._session_id}
        )
