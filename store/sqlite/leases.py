"""Leases on SQLite: the table `leases`."""

import sqlite3

from store.ports.leases import LeaseStore
from store.records.leases import Lease
from store.sqlite.database import Database


class SqliteLeaseStore(LeaseStore):
    """Tokens grow over all leases, so that a lease that was deleted and taken again has a new one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, session_id: str, *, owner: str, now: float, ttl: float) -> int | None:
        def take(connection: sqlite3.Connection) -> int | None:
            # All rows are fetched, or the statement stays open and the transaction with it.
            rows = connection.execute(
                """
                INSERT INTO leases (session_id, owner, token, expires_at, boot_id)
                SELECT :session_id, :owner, token + 1, :now + :ttl, :boot_id
                FROM lease_tokens
                WHERE id = 1
                ON CONFLICT (session_id) DO UPDATE
                SET owner = excluded.owner, token = excluded.token,
                    expires_at = excluded.expires_at, boot_id = excluded.boot_id
                WHERE leases.expires_at <= :now
                RETURNING token
                """,
                {
                    "session_id": session_id,
                    "owner": owner,
                    "now": now,
                    "ttl": ttl,
                    "boot_id": self._database.boot_id,
                },
            ).fetchall()
            if not rows:
                return None
            token: int = rows[0]["token"]
            connection.execute("UPDATE lease_tokens SET token = :token WHERE id = 1", {"token": token})
            return token

        return await self._database.write(take)

    async def renew(self, session_id: str, *, owner: str, token: int, now: float, ttl: float) -> bool:
        def renew(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute(
                """
                UPDATE leases
                SET expires_at = :now + :ttl
                WHERE session_id = :session_id AND owner = :owner AND token = :token AND expires_at > :now
                """,
                {"session_id": session_id, "owner": owner, "token": token, "now": now, "ttl": ttl},
            )
            return cursor.rowcount == 1

        return await self._database.write(renew)

    async def release(self, session_id: str, *, owner: str, token: int) -> bool:
        def release(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute(
                """
                UPDATE leases
                SET expires_at = 0
                WHERE session_id = :session_id AND owner = :owner AND token = :token
                """,
                {"session_id": session_id, "owner": owner, "token": token},
            )
            return cursor.rowcount == 1

        return await self._database.write(release)

    async def get(self, session_id: str) -> Lease | None:
        def get(connection: sqlite3.Connection) -> Lease | None:
            row = connection.execute(
                """
                SELECT session_id, owner, token, expires_at, boot_id
                FROM leases
                WHERE session_id = :session_id
                """,
                {"session_id": session_id},
            ).fetchone()
            return Lease(**row) if row else None

        return await self._database.read(get)

    async def of_deleted_sessions(self) -> list[str]:
        def read(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                """
                SELECT session_id
                FROM leases
                WHERE session_id NOT IN (SELECT id FROM sessions)
                ORDER BY session_id
                """
            )
            return [row["session_id"] for row in rows]

        return await self._database.read(read)

    async def forget(self, session_id: str) -> None:
        def forget(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM leases WHERE session_id = :id", {"id": session_id})

        await self._database.write(forget)
