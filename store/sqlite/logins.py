"""Logins on SQLite: the table `logins`."""

import sqlite3

from store.ports.logins import LoginStore
from store.records.keys import Key
from store.sqlite.database import Database
from store.sqlite.key_rows import key_of

#: Logins with one key. One more ends the oldest.
MAX_PER_KEY = 100


class SqliteLoginStore(LoginStore):
    """The database deletes a login with its key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, sha256_hex: str, *, key_sha256: str, wall: int, boot: float, ttl: float) -> None:
        now = {"wall": wall, "boot": boot, "ttl": ttl, "boot_id": self._database.boot_id}

        def add(connection: sqlite3.Connection) -> None:
            connection.execute(
                """
                DELETE FROM logins
                WHERE (boot_id = :boot_id AND until <= :boot) OR (boot_id <> :boot_id AND expires_at <= :wall)
                """,
                now,
            )
            connection.execute(
                """
                DELETE FROM logins
                WHERE sha256 IN (
                    SELECT sha256
                    FROM logins
                    WHERE key_sha256 = :key_sha256
                    ORDER BY expires_at DESC, until DESC
                    LIMIT 1000000
                    OFFSET :others
                )
                """,
                {"key_sha256": key_sha256, "others": MAX_PER_KEY - 1},
            )
            connection.execute(
                """
                INSERT INTO logins (sha256, key_sha256, expires_at, until, boot_id)
                SELECT :sha256, sha256, :expires_at, :boot + :ttl, :boot_id
                FROM keys
                WHERE sha256 = :key_sha256
                """,
                {
                    **now,
                    "sha256": sha256_hex,
                    "key_sha256": key_sha256,
                    "expires_at": wall + round(ttl * 1000),
                },
            )

        await self._database.write(add)

    async def key(self, sha256_hex: str, *, wall: int, boot: float, ttl: float) -> Key | None:
        def find(connection: sqlite3.Connection) -> Key | None:
            row = connection.execute(
                """
                SELECT name, scopes, sessions, created_at, last_used_at, first_event
                FROM logins
                JOIN keys ON keys.sha256 = key_sha256
                WHERE logins.sha256 = :sha256
                AND (
                    (boot_id = :boot_id AND until > :boot)
                    OR (boot_id <> :boot_id AND expires_at > :wall AND expires_at <= :latest)
                )
                """,
                {
                    "sha256": sha256_hex,
                    "wall": wall,
                    "latest": wall + round(ttl * 1000),
                    "boot": boot,
                    "boot_id": self._database.boot_id,
                },
            ).fetchone()
            return key_of(row) if row else None

        return await self._database.read(find)

    async def delete(self, sha256_hex: str) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM logins WHERE sha256 = :sha256", {"sha256": sha256_hex})

        await self._database.write(delete)
