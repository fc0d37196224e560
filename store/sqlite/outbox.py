"""Messages that wait to be sent on SQLite: the tables `outbox` and `idempotency`."""

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import asdict

from store.ports import OutboxRows, OutboxStore
from store.records import (
    Acquaintance,
    Contact,
    Message,
    OutboxEntry,
    OutboxTotals,
    QueuedMessage,
    Reason,
    SendTerms,
    UsedKey,
)
from store.sqlite.contact_bound import forget_contacts
from store.sqlite.contacts import read_acquaintance, read_addresses, read_contact
from store.sqlite.database import Database
from store.sqlite.message_bound import MessageBound, size_of
from store.sqlite.messages import SELECTED, add_message, message_of
from store.sqlite.outbox_bound import OutboxBound

#: Why a message fails that waited in a backup.
RESTORED = Reason("restored", "a backup was restored: it may have been sent after the backup was made")

_TERMS = "typing, on_doubt, until, until_wall, boot_id"


class SqliteOutboxStore(OutboxStore):
    """What couriers read. What they write is in SqliteOutboxRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def session_ids(self) -> list[str]:
        return await self._database.read(
            lambda connection: [
                row["session_id"]
                for row in connection.execute("SELECT DISTINCT session_id FROM outbox ORDER BY session_id")
            ]
        )

    async def entries(self, session_id: str, *, after: int = 0) -> list[OutboxEntry]:
        def read(connection: sqlite3.Connection) -> list[OutboxEntry]:
            rows = connection.execute(
                f"""
                SELECT outbox.number AS number, id, outbox.chat AS chat, handed, {_TERMS}
                FROM outbox
                JOIN messages ON messages.number = outbox.number
                WHERE outbox.session_id = :session_id AND outbox.number > :after
                ORDER BY outbox.number
                """,  # noqa: S608  # names of columns
                {"session_id": session_id, "after": after},
            )
            return [
                OutboxEntry(
                    number=row["number"],
                    message_id=row["id"],
                    chat=row["chat"],
                    terms=_terms(row),
                    handed=bool(row["handed"]),
                )
                for row in rows
            ]

        return await self._database.read(read)

    async def acquaintances(self, session_id: str, chats: Collection[str]) -> dict[str, Acquaintance]:
        return await self._database.read(
            lambda connection: {chat: read_acquaintance(connection, session_id, chat) for chat in chats}
        )

    async def contact(self, session_id: str, number: str) -> Contact | None:
        return await self._database.read(lambda connection: read_contact(connection, session_id, number))

    async def addresses(self, session_id: str, chat: str) -> list[str]:
        return await self._database.read(lambda connection: read_addresses(connection, session_id, chat))

    async def totals(self) -> OutboxTotals:
        def read(connection: sqlite3.Connection) -> OutboxTotals:
            row = connection.execute(
                """
                SELECT COUNT(*) AS number, COALESCE(SUM(handed), 0) AS handed, MIN(number) AS first
                FROM outbox
                """
            ).fetchone()
            oldest = connection.execute(
                "SELECT queued_at FROM messages WHERE number = :first", {"first": row["first"]}
            ).fetchone()
            return OutboxTotals(
                queued=row["number"] - row["handed"],
                handed=row["handed"],
                oldest=None if oldest is None else oldest["queued_at"],
            )

        return await self._database.read(read)

    async def forget_contacts(self, most: int) -> int:
        return await self._database.write(lambda connection: forget_contacts(connection, most))

    async def forget_keys(self, before: int) -> None:
        await self._database.write(
            lambda connection: connection.execute(
                "DELETE FROM idempotency WHERE ended_at < :before", {"before": before}
            ).close()
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
        found = self._read("AND messages.id = :id AND via = 'api'", message_id)
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
            SELECT {_QUALIFIED}, handed, {_TERMS}
            FROM outbox
            JOIN messages ON messages.number = outbox.number
            WHERE outbox.session_id = :session_id
            {condition}
            ORDER BY outbox.number
            """,  # noqa: S608  # names of columns
            {"session_id": self._session_id, "id": message_id},
        )
        return [
            QueuedMessage(message=message_of(row), terms=_terms(row), handed=bool(row["handed"]))
            for row in rows
        ]


def fail_restored(connection: sqlite3.Connection, now: int) -> Iterator[tuple[str, Message]]:
    """Fails every message that waits: a restore took back what was sent. now: milliseconds since 1970.

    Yields each with the id of its session, in the order in which they were queued: there may be many. They
    stay in the outbox until `forget_outbox`.
    """
    connection.execute(
        """
        UPDATE idempotency
        SET ended_at = :now
        WHERE ended_at IS NULL
        """,
        {"now": now},
    )
    connection.execute(
        """
        UPDATE messages
        SET status = 'failed', reason_code = :code, reason_detail = :detail
        WHERE number IN (SELECT number FROM outbox)
        """,
        {"code": RESTORED.code, "detail": RESTORED.detail},
    )
    rows = connection.execute(
        f"""
        SELECT {_QUALIFIED}, messages.session_id AS session_id
        FROM outbox
        JOIN messages ON messages.number = outbox.number
        ORDER BY outbox.number
        """  # noqa: S608  # names of columns
    )
    for row in rows:
        yield row["session_id"], message_of(row)


def forget_outbox(connection: sqlite3.Connection) -> None:
    """Removes what waits in all sessions: it was sent, or has failed."""
    connection.execute("DELETE FROM outbox")


#: The columns of a message in a join with the outbox.
_QUALIFIED = ", ".join(
    name if name.startswith("place") else f"messages.{name} AS {name}" for name in SELECTED.split(", ")
)


def _terms(row: sqlite3.Row) -> SendTerms:
    return SendTerms(
        typing=row["typing"],
        on_doubt=row["on_doubt"],
        until=row["until"],
        until_wall=row["until_wall"],
        boot_id=row["boot_id"],
    )
