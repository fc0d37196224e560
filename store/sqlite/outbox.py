"""Messages that wait to be sent on SQLite, for dispatchers: the tables `outbox` and `idempotency`."""

import sqlite3
from collections.abc import Collection

from store.ports.outbox import OutboxStore
from store.records.contacts import Acquaintance, Contact
from store.records.outbox import OutboxEntry, OutboxTotals
from store.sqlite.contact_bound import forget_contacts
from store.sqlite.contacts import read_acquaintance, read_addresses, read_contact
from store.sqlite.database import Database
from store.sqlite.outbox_rows import TERMS, terms_of

#: Idempotency keys that one transaction removes: others want to write meanwhile.
BATCH = 500


class SqliteOutboxStore(OutboxStore):
    """What dispatchers read. What they write is in outbox_rows.py."""

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
                SELECT outbox.number AS number, id, outbox.chat AS chat, handed, {TERMS}
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
                    terms=terms_of(row),
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
        def forget_some(connection: sqlite3.Connection) -> bool:
            """Whether there may be more."""
            removed = connection.execute(
                """
                DELETE FROM idempotency
                WHERE (session_id, key) IN (
                    SELECT session_id, key
                    FROM idempotency
                    WHERE ended_at < :before
                    LIMIT :batch
                )
                """,
                {"before": before, "batch": BATCH},
            )
            return removed.rowcount == BATCH

        while await self._database.write(forget_some):
            pass
