"""Errands: what a front that does not own the pipes asks of the one that does."""

import secrets
import sqlite3

from store.records import QueuedRequest
from store.sqlite.database import Database


class RequestQueue:
    """The rows of `errands`. until, now: boot clock, seconds. argument, answer: JSON."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session_id: str, verb: str, argument: str, *, until: float) -> int:
        """Its number, which none before it had: the owner may still be at work for an asker who has gone."""
        number = secrets.randbits(62)

        def add(connection: sqlite3.Connection) -> None:
            connection.execute(
                """
                INSERT INTO errands (id, session_id, verb, argument, until, boot_id)
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
        """Those that nobody has answered and somebody still waits for, the most urgent first."""

        def read(connection: sqlite3.Connection) -> list[QueuedRequest]:
            rows = connection.execute(
                """
                SELECT id, session_id, verb, argument, until
                FROM errands
                WHERE answer IS NULL AND until > :now AND boot_id = :boot_id
                ORDER BY until
                """,
                {"now": now, "boot_id": self._database.boot_id},
            ).fetchall()
            return [QueuedRequest(**row) for row in rows]

        return await self._database.read(read)

    async def answer(self, number: int, answer: str) -> bool:
        """Whether it was the first answer. A later one, of an owner that was, changes nothing."""

        def answer_it(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute(
                "UPDATE errands SET answer = :answer WHERE id = :id AND answer IS NULL",
                {"id": number, "answer": answer},
            )
            return cursor.rowcount == 1

        return await self._database.write(answer_it)

    async def answered(self, number: int) -> str | None:
        """The answer, once there is one."""

        def read(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT answer FROM errands WHERE id = :id", {"id": number}).fetchone()
            return row["answer"] if row else None

        return await self._database.read(read)

    async def delete(self, number: int) -> None:
        """Its asker has the answer, or waits no longer."""

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM errands WHERE id = :id", {"id": number})

        await self._database.write(delete)

    async def sweep(self, now: float) -> None:
        """Forget those whose askers are gone."""

        def sweep(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM errands WHERE until <= :now OR boot_id <> :boot_id",
                {"now": now, "boot_id": self._database.boot_id},
            )

        await self._database.write(sweep)
