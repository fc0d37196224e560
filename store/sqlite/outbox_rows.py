"""Rows of messages that wait to be sent: the tables `outbox` and `idempotency`, inside a transaction."""

import sqlite3
from dataclasses import asdict

from store.ports.outbox import OutboxRows
from store.records.messages import Message
from store.records.outbox import QueuedMessage, SendTerms, UsedKey
from store.sqlite.message_bound import MessageBound, size_of
from store.sqlite.messages import SELECTED, add_message, message_of
from store.sqlite.outbox_bound import OutboxBound

#: The columns of SendTerms.
TERMS = "typing, on_doubt, until, until_wall, boot_id"

#: The columns of a message in a join with the outbox.
QUALIFIED = ", ".join(
    name if name.startswith("place") else f"messages.{name} AS {name}" for name in SELECTED.split(", ")
)


class SqliteOutboxRows(OutboxRows):
    """Inside the transaction of a unit of work."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        session_id: str,
        *,
        messages: MessageBound,
        waiting: OutboxBound,
    ) -> None:
        """messages, waiting: the bounds of what the session stores, and of what waits."""
        self._connection = connection
        self._session_id = session_id
        self._messages = messages
        self._waiting = waiting

    def add(self, message: Message, terms: SendTerms) -> Message:
        stored = add_message(self._connection, self._session_id, message, self._messages)
        self._connection.execute(
            """
            INSERT INTO outbox (number, session_id, chat, size, handed, typing, on_doubt, until, until_wall,
                                boot_id)
            SELECT number, :session_id, :chat, :size, 0, :typing, :on_doubt, :until, :until_wall, :boot_id
            FROM messages
            WHERE session_id = :session_id AND place = :place
            """,
            {
                **asdict(terms),
                "session_id": self._session_id,
                "place": stored.number,
                "chat": message.chat,
                "size": size_of(message),
            },
        )
        return stored

    def reached(self, *, number: int, size: int) -> tuple[int, int] | None:
        count = self._waiting.reached(self._connection, self._session_id, number=number, size=size)
        return None if count is None else (count.number, count.bytes)

    def get(self, message_id: str) -> QueuedMessage | None:
        found = self._read(
            "AND messages.session_id = :session_id AND messages.id = :id AND via = 'api'", message_id
        )
        return found[0] if found else None

    def all(self) -> list[QueuedMessage]:
        return self._read("AND 1 = 1", "")

    def is_next(self, message_id: str) -> bool:
        row = self._connection.execute(
            """
            SELECT 1
            FROM messages
            JOIN outbox ON outbox.number = messages.number
            JOIN outbox AS other ON other.session_id = :session_id AND other.chat = outbox.chat
            WHERE messages.session_id = :session_id AND id = :id AND via = 'api'
            AND other.handed = 0 AND other.number < outbox.number
            UNION ALL
            SELECT 1
            FROM messages
            JOIN outbox ON outbox.number = messages.number
            JOIN outbox AS other ON other.session_id = :session_id AND other.chat = outbox.chat
            WHERE messages.session_id = :session_id AND id = :id AND via = 'api'
            AND other.handed = 1 AND other.number <> outbox.number
            LIMIT 1
            """,
            {"session_id": self._session_id, "id": message_id},
        ).fetchone()
        return row is None

    def mark_handed(self, message_id: str) -> None:
        self._connection.execute(
            """
            UPDATE outbox
            SET handed = 1
            WHERE number IN (
                SELECT number FROM messages WHERE session_id = :session_id AND id = :id AND via = 'api'
            )
            """,
            {"session_id": self._session_id, "id": message_id},
        )

    def remove(self, message_id: str, *, at: int) -> None:
        named = {"session_id": self._session_id, "id": message_id, "at": at}
        self._connection.execute(
            """
            DELETE FROM outbox
            WHERE number IN (
                SELECT number FROM messages WHERE session_id = :session_id AND id = :id AND via = 'api'
            )
            """,
            named,
        )
        self._connection.execute(
            """
            UPDATE idempotency
            SET ended_at = :at
            WHERE session_id = :session_id AND message_id = :id AND ended_at IS NULL
            """,
            named,
        )

    def find_key(self, key: str) -> UsedKey | None:
        row = self._connection.execute(
            """
            SELECT request_sha256, message_id
            FROM idempotency
            WHERE session_id = :session_id AND key = :key
            """,
            {"session_id": self._session_id, "key": key},
        ).fetchone()
        return None if row is None else UsedKey(**dict(row))

    def keep_key(self, key: str, used: UsedKey) -> None:
        self._connection.execute(
            """
            INSERT INTO idempotency (session_id, key, request_sha256, message_id)
            VALUES (:session_id, :key, :request_sha256, :message_id)
            """,
            {**asdict(used), "session_id": self._session_id, "key": key},
        )

    def _read(self, condition: str, message_id: str) -> list[QueuedMessage]:
        rows = self._connection.execute(
            f"""
            SELECT {QUALIFIED}, handed, {TERMS}
            FROM outbox
            JOIN messages ON messages.number = outbox.number
            WHERE outbox.session_id = :session_id
            {condition}
            ORDER BY outbox.number
            """,  # noqa: S608  # names of columns
            {"session_id": self._session_id, "id": message_id},
        )
        return [
            QueuedMessage(message=message_of(row), terms=terms_of(row), handed=bool(row["handed"]))
            for row in rows
        ]


def terms_of(row: sqlite3.Row) -> SendTerms:
    """Returns how the message of a row is to be sent."""
    return SendTerms(
        typing=row["typing"],
        on_doubt=row["on_doubt"],
        until=row["until"],
        until_wall=row["until_wall"],
        boot_id=row["boot_id"],
    )
