"""What the record still holds of what is over."""

import sqlite3
from collections.abc import Callable

from store.sqlite.database import Database


class Orphans:
    """Finds and forgets it, and guards what an administrator removes beside the record."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def errands(self, now: float) -> list[str]:
        """The session of each errand that nobody waits for any longer. now: boot clock, seconds."""

        def read(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                """
                SELECT session_id
                FROM errands
                WHERE until <= :now OR boot_id <> :boot_id
                ORDER BY id
                """,
                {"now": now, "boot_id": self._database.boot_id},
            )
            return [row["session_id"] for row in rows]

        return await self._database.read(read)

    async def leases(self) -> list[str]:
        """The sessions that are gone and have a lease."""

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

    async def forget_lease(self, session_id: str) -> None:
        """Only while no front runs: the token begins anew, and a late holder's could count again."""

        def forget(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM leases WHERE session_id = :id", {"id": session_id})

        await self._database.write(forget)

    async def forget_passing(self) -> None:
        """Codes, leases and errands mean nothing to later processes; a login may have been ended since."""

        def forget(connection: sqlite3.Connection) -> None:
            for table in ("qrs", "leases", "errands", "logins"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # names of ours

        await self._database.write(forget)

    async def unless_recorded(self, session_id: str, act: Callable[[], None]) -> bool:
        """Whether there was no such session, so that `act` was done. None can be made meanwhile.

        `act` runs on the database's thread, inside a transaction: let it be short.
        """

        def check(connection: sqlite3.Connection) -> bool:
            row = connection.execute("SELECT id FROM sessions WHERE id = :id", {"id": session_id}).fetchone()
            if row is None:
                act()
            return row is None

        return await self._database.write(check)
