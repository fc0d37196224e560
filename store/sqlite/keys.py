"""API keys in the record, by the SHA-256 of their text."""

import sqlite3
from collections.abc import Mapping, Sequence

from store.records import Key
from store.sqlite.database import Database


class KeyStore:
    """The rows of `keys`. A name has one key, and a key one name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        name: str,
        sha256_hex: str,
        scopes: Sequence[str],
        now: int,
        *,
        sessions: Sequence[str] | None = None,
    ) -> None:
        """Takes the place of the key of that name.

        scopes, sessions: words without spaces; None: every session. now: milliseconds since 1970.
        """

        def add(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM keys WHERE name = :name", {"name": name})
            connection.execute(
                """
                INSERT INTO keys (name, sha256, scopes, sessions, created_at)
                VALUES (:name, :sha256, :scopes, :sessions, :now)
                """,
                {
                    "name": name,
                    "sha256": sha256_hex,
                    "scopes": " ".join(scopes),
                    "sessions": None if sessions is None else " ".join(sessions),
                    "now": now,
                },
            )

        await self._database.write(add)

    async def find(self, sha256_hex: str) -> Key | None:
        """The key whose text has that digest."""

        def find(connection: sqlite3.Connection) -> Key | None:
            row = connection.execute(
                """
                SELECT name, scopes, sessions, created_at, last_used_at
                FROM keys
                WHERE sha256 = :sha256
                """,
                {"sha256": sha256_hex},
            ).fetchone()
            return key_of(row) if row else None

        return await self._database.read(find)

    async def all(self) -> list[Key]:
        """Every key, by name."""

        def everyone(connection: sqlite3.Connection) -> list[Key]:
            rows = connection.execute(
                """
                SELECT name, scopes, sessions, created_at, last_used_at
                FROM keys
                ORDER BY name
                """
            )
            return [key_of(row) for row in rows]

        return await self._database.read(everyone)

    async def any(self) -> bool:
        """Whether there is a key at all: without one, nobody could ask for the first."""

        def count(connection: sqlite3.Connection) -> int:
            (found,) = connection.execute("SELECT EXISTS (SELECT * FROM keys)").fetchone()
            return int(found)

        return bool(await self._database.read(count))

    async def note_use(self, used: Mapping[tuple[str, int], int]) -> None:
        """Keep when keys were last used. used: name and `created_at` -> milliseconds since 1970.

        A key that was made anew under an old name has not been used.
        """
        rows = [
            {"name": name, "created_at": made, "used_at": moment} for (name, made), moment in used.items()
        ]

        def note(connection: sqlite3.Connection) -> None:
            connection.executemany(
                """
                UPDATE keys
                SET last_used_at = MAX(:used_at, COALESCE(last_used_at, 0))
                WHERE name = :name
                AND created_at = :created_at
                """,
                rows,
            )

        await self._database.write(note)

    async def delete(self, name: str) -> bool:
        """Whether there was one."""

        def delete(connection: sqlite3.Connection) -> bool:
            return connection.execute("DELETE FROM keys WHERE name = :name", {"name": name}).rowcount == 1

        return await self._database.write(delete)


def key_of(row: sqlite3.Row) -> Key:
    """The record of a row that has every column but the digest."""
    return Key(
        name=row["name"],
        scopes=tuple(row["scopes"].split()),
        sessions=None if row["sessions"] is None else tuple(row["sessions"].split()),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )
