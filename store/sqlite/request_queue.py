"""The request queue on SQLite: the table `queued_requests`."""

import secrets
import sqlite3

from store.ports.request_queue import RequestQueue
from store.records.request_queue import QueuedRequest
from store.sqlite.database import Database


class SqliteRequestQueue(RequestQueue):
    """Each method is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session_id: str, verb: str, argument: str, *, until: float) -> int:
        number = secrets.randbits(62)

        def add(connection: sqlite3.Connection) -> None:
            connection.execute(
                """
                INSERT INTO queued_requests (id, session_id, verb, argument, until, boot_id)
                VALUES (:id, :session_id, :verb, :argument, :until, :boot_id)
                """,
                {
                    "id": number,
                    "session_id": session_id,
                    "verb": verb,
                    "argument": argument,
                    "until": until,
                    "boot_id": self._database.boot_id,
                },
            )

        await self._database.write(add)
        return number

    async def open(self, now: float) -> list[QueuedRequest]:
        def read(connection: sqlite3.Connection) -> list[QueuedRequest]:
            rows = connection.execute(
                """
                SELECT id, session_id, verb, argument, until
                FROM queued_requests
                WHERE answer IS NULL AND until > :now AND boot_id = :boot_id
                ORDER BY until
                """,
                {"now": now, "boot_id": self._database.boot_id},
            ).fetchall()
            return [QueuedRequest(**row) for row in rows]

        return await self._database.read(read)

    async def answer(self, number: int, answer: str) -> bool:
        def answer_it(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute(
                "UPDATE queued_requests SET answer = :answer WHERE id = :id AND answer IS NULL",
                {"id": number, "answer": answer},
            )
            return cursor.rowcount == 1

        return await self._database.write(answer_it)

    async def answered(self, number: int) -> str | None:
        def read(connection: sqlite3.Connection) -> str | None:
            row = connection.execute(
                "SELECT answer FROM queued_requests WHERE id = :id", {"id": number}
            ).fetchone()
            return row["answer"] if row else None

        return await self._database.read(read)

    async def delete(self, number: int) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM queued_requests WHERE id = :id", {"id": number})

        await self._database.write(delete)

    async def expired(self, now: float) -> list[str]:
        def read(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                """
                SELECT session_id
                FROM queued_requests
                WHERE until <= :now OR boot_id <> :boot_id
                ORDER BY id
                """,
                {"now": now, "boot_id": self._database.boot_id},
            )
            return [row["session_id"] for row in rows]

        return await self._database.read(read)

    async def sweep(self, now: float) -> None:
        def sweep(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM queued_requests WHERE until <= :now OR boot_id <> :boot_id",
                {"now": now, "boot_id": self._database.boot_id},
            )

        await self._database.write(sweep)
