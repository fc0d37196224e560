"""Logins on SQLite: the table `logins`."""

import sqlite3

from store.ports import LoginStore
from store.records import Key
from store.sqlite.database import Database
from store.sqlite.keys import key_of


class SqliteLoginStore(LoginStore):
    """The database deletes a login with its key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, sha256_hex: str, *, key_sha256: str, now: int, expires_at: int) -> None:
        def add(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM logins WHERE expires_at <= :now", {"now": now})
            connection.execute(
                """
                INSERT INTO logins (sha256, key_sha256, expires_at)
                SELECT :sha256, sha256, :expires_at
                FROM keys
                WHERE sha256 = :key_sha256
                """,
                {"sha256": sha256_hex, "key_sha256": key_sha256, "expires_at": expires_at},
            )

        await self._database.write(add)

    async def key(self, sha256_hex: str, now: int) -> Key | None:
        def find(connection: sqlite3.Connection) -> Key | None:
            row = connection.execute(
                """
                SELECT name, scopes, sessions, created_at, last_used_at
                FROM logins
                JOIN keys ON keys.sha256 = key_sha256
                WHERE logins.sha256 = :sha256
                AND expires_at > :now
                """,
                {"sha256": sha256_hex, "now": now},
            ).fetchone()
            return key_of(row) if row else None

        return await self._database.read(find)

    async def delete(self, sha256_hex: str) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM logins WHERE sha256 = :sha256", {"sha256": sha256_hex})

        await self._database.write(delete)
