"""API keys on SQLite: the table `keys`."""

import sqlite3
from collections.abc import Mapping, Sequence

from store.ports.keys import KeyStore
from store.records.keys import Key
from store.sqlite.database import Database
from store.sqlite.key_rows import key_of, read_key
from store.sqlite.memory import SqliteMemory
from store.sqlite.webhook_names import end_of_key


class SqliteKeyStore(KeyStore):
    """A list of words is one text, with spaces between them."""

    def __init__(self, database: Database, memory: SqliteMemory) -> None:
        """memory: of keys that were found."""
        self._database = database
        self._memory = memory

    async def add(
        self,
        name: str,
        sha256_hex: str,
        scopes: Sequence[str],
        now: int,
        *,
        sessions: Sequence[str] | None = None,
    ) -> None:
        def add(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM keys WHERE name = :name", {"name": name})
            connection.execute(
                """
                INSERT INTO keys (name, sha256, scopes, sessions, created_at, first_event)
                VALUES (:name, :sha256, :scopes, :sessions, :now,
                        COALESCE((SELECT last FROM event_log), 0))
                """,
                {
                    "name": name,
                    "sha256": sha256_hex,
                    "scopes": " ".join(scopes),
                    "sessions": None if sessions is None else " ".join(sessions),
                    "now": now,
                },
            )
            end_of_key(connection, name)

        await self._database.write(add)

    async def find(self, sha256_hex: str) -> Key | None:
        return await self._memory.get(read_key, sha256_hex)

    async def all(self) -> list[Key]:
        def everyone(connection: sqlite3.Connection) -> list[Key]:
            rows = connection.execute(
                """
                SELECT name, scopes, sessions, created_at, last_used_at, first_event
                FROM keys
                ORDER BY name
                """
            )
            return [key_of(row) for row in rows]

        return await self._database.read(everyone)

    async def any(self) -> bool:
        def look(connection: sqlite3.Connection) -> bool:
            return connection.execute("SELECT name FROM keys LIMIT 1").fetchone() is not None

        return await self._database.read(look)

    async def note_use(self, used: Mapping[tuple[str, int], int]) -> None:
        rows = [
            {"name": name, "created_at": made, "used_at": moment} for (name, made), moment in used.items()
        ]

        def note(connection: sqlite3.Connection) -> None:
            connection.cursor().executemany(
                """
                UPDATE keys
                SET last_used_at = :used_at
                WHERE name = :name
                AND created_at = :created_at
                AND (last_used_at IS NULL OR last_used_at < :used_at)
                """,
                rows,
            )

        await self._database.write(note)

    async def delete(self, name: str) -> bool:
        def delete(connection: sqlite3.Connection) -> bool:
            found = connection.execute("DELETE FROM keys WHERE name = :name", {"name": name})
            end_of_key(connection, name)
            return found.rowcount == 1

        return await self._database.write(delete)
