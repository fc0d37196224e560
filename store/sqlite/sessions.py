"""Sessions on SQLite: the tables `sessions` and `qrs`."""

import sqlite3
from collections.abc import Callable, Collection, Sequence

from store.errors import SessionExists, TooManySessions
from store.ports.sessions import SessionStore
from store.records.events import NewEvent
from store.records.sessions import Session, Status
from store.sqlite.database import Database
from store.sqlite.event_log import SqliteEventLog
from store.sqlite.memory import SqliteMemory
from store.sqlite.session_rows import FIRST, insert, read, read_owned, read_page, write_qr
from store.sqlite.webhook_names import follow


class SqliteSessionStore(SessionStore):
    """Every method is one transaction."""

    def __init__(
        self,
        database: Database,
        missing: Callable[[str], Exception],
        events: SqliteEventLog,
        memory: SqliteMemory,
        on_deleted: Sequence[Callable[[str], None]],
    ) -> None:
        """missing: what `require` raises, by the id. memory: of sessions that were read one by one.

        on_deleted: called with the id of a deleted session.
        """
        self._database = database
        self._memory = memory
        self._on_deleted = on_deleted
        self._missing = missing
        self._events = events

    async def add(self, session: Session, *, most: int | None = None, event: NewEvent | None = None) -> int:
        # The moment at which it was made is greater than the token of an earlier session with this id.
        token = session.created_at

        def add(connection: sqlite3.Connection) -> None:
            if not insert(connection, session, token=token):
                raise SessionExists(f"session {session.id} exists")
            [number] = connection.execute("SELECT COUNT(*) FROM sessions").fetchone()
            if most is not None and number > most:
                raise TooManySessions
            if session.qr is not None:
                write_qr(connection, session)
            follow(connection, session.id)
            if event is not None:
                self._events.add(connection, session.id, event)

        await self._database.write(add)
        return token

    async def take_over(self, node: str) -> dict[str, int]:
        def take_over(connection: sqlite3.Connection) -> dict[str, int]:
            rows = connection.execute(
                """
                UPDATE sessions
                SET token = token + 1
                WHERE node = :node
                RETURNING id, token
                """,
                {"node": node},
            ).fetchall()
            return {row["id"]: row["token"] for row in rows}

        return await self._database.write(take_over)

    async def get(self, session_id: str) -> Session | None:
        return await self._memory.get(read, session_id)

    async def require(self, session_id: str) -> Session:
        session = await self.get(session_id)
        if session is None:
            raise self._missing(session_id)
        return session

    async def all(self) -> list[Session]:
        return await self._database.read(read_page)

    async def page(
        self,
        *,
        statuses: Collection[Status] | None = None,
        among: Collection[str] | None = None,
        limit: int,
        after: tuple[int, str] | None = None,
    ) -> list[Session]:
        return await self._database.read(
            lambda connection: read_page(
                connection, statuses=statuses, among=among, limit=limit, after=after or FIRST
            )
        )

    async def counts(self) -> dict[Status, int]:
        def count(connection: sqlite3.Connection) -> dict[Status, int]:
            rows = connection.execute(
                """
                SELECT status, COUNT(*) AS number
                FROM sessions
                GROUP BY status
                """
            )
            return {Status(row["status"]): row["number"] for row in rows}

        return await self._database.read(count)

    async def delete(self, session_id: str, *, token: int | None, event: NewEvent | None = None) -> bool:
        def delete(connection: sqlite3.Connection) -> bool:
            if read_owned(connection, session_id, token) is None:
                return False
            this = {"id": session_id}
            connection.execute("DELETE FROM leases WHERE session_id = :id", this)
            connection.execute("DELETE FROM sessions WHERE id = :id", this)
            for forget in self._on_deleted:
                forget(session_id)
            if event is not None:
                self._events.add(connection, session_id, event)
            return True

        return await self._database.write(delete)

    async def if_absent(self, session_id: str, act: Callable[[], None]) -> bool:
        def check(connection: sqlite3.Connection) -> bool:
            is_absent = read(connection, session_id) is None
            if is_absent:
                act()
            return is_absent

        return await self._database.write(check)
