"""Sessions on SQLite: the tables `sessions` and `qrs`."""

import json
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import asdict, fields

from store.errors import SessionExists
from store.ports import SessionStore
from store.records import Message, Qr, Reason, Session, Status
from store.sqlite.database import Database
from store.sqlite.messages import add_message

#: What a record and its row name alike: all but the reason, which is two columns, and the code, which is a
#: row of its own.
COLUMNS = [column.name for column in fields(Session) if column.name not in ("reason", "qr")]

#: SQLite's word for: no limit.
ALL = -1

#: Before every session in the order of pages.
FIRST = (-1, "")


class SqliteSessionStore(SessionStore):
    """Every change is one transaction."""

    def __init__(self, database: Database, missing: Callable[[str], Exception]) -> None:
        """missing: what `require` raises, by the id."""
        self._database = database
        self._missing = missing

    async def add(self, session: Session) -> None:
        def add(connection: sqlite3.Connection) -> None:
            if not _insert(connection, session):
                raise SessionExists(f"session {session.id} exists")
            _write_qr(connection, session)

        await self._database.write(add)

    async def get(self, session_id: str) -> Session | None:
        return await self._database.read(lambda connection: _get(connection, session_id))

    async def require(self, session_id: str) -> Session:
        session = await self.get(session_id)
        if session is None:
            raise self._missing(session_id)
        return session

    async def all(self) -> list[Session]:
        return await self._database.read(lambda connection: _page(connection, limit=ALL, after=FIRST))

    async def page(
        self,
        *,
        status: Status | None = None,
        among: Collection[str] | None = None,
        limit: int,
        after: tuple[int, str] | None = None,
    ) -> list[Session]:
        return await self._database.read(
            lambda connection: _page(
                connection, status=status, among=among, limit=limit, after=after or FIRST
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

    async def change(
        self, session_id: str, fn: Callable[[Session], Session], *, message: Message | None = None
    ) -> tuple[Session, Session] | None:
        def change(connection: sqlite3.Connection) -> tuple[Session, Session] | None:
            before = _get(connection, session_id)
            if before is None:
                return None
            after = fn(before)
            if after != before:
                _update(connection, after)
            if after.qr != before.qr:
                _write_qr(connection, after)
            if message is not None and after != before:
                add_message(connection, session_id, message)
            return before, after

        return await self._database.write(change)

    async def delete(self, session_id: str) -> bool:
        def delete(connection: sqlite3.Connection) -> bool:
            this = {"id": session_id}
            connection.execute("UPDATE leases SET expires_at = 0 WHERE session_id = :id", this)
            return connection.execute("DELETE FROM sessions WHERE id = :id", this).rowcount == 1

        return await self._database.write(delete)

    async def if_absent(self, session_id: str, act: Callable[[], None]) -> bool:
        def check(connection: sqlite3.Connection) -> bool:
            row = connection.execute("SELECT id FROM sessions WHERE id = :id", {"id": session_id}).fetchone()
            if row is None:
                act()
            return row is None

        return await self._database.write(check)


def _get(connection: sqlite3.Connection, session_id: str) -> Session | None:
    row = connection.execute(
        """
        SELECT *
        FROM sessions_with_qrs
        WHERE id = :id
        """,
        {"id": session_id},
    ).fetchone()
    return _session(row) if row else None


def _page(
    connection: sqlite3.Connection,
    *,
    status: Status | None = None,
    among: Collection[str] | None = None,
    limit: int,
    after: tuple[int, str],
) -> list[Session]:
    created_at, session_id = after
    rows = connection.execute(
        """
        SELECT *
        FROM sessions_with_qrs
        WHERE (created_at, id) > (:created_at, :id)
        AND (:status IS NULL OR status = :status)
        AND (:among IS NULL OR id IN (SELECT value FROM json_each(:among)))
        ORDER BY created_at, id
        LIMIT :limit
        """,
        {
            "created_at": created_at,
            "id": session_id,
            "status": status,
            "among": None if among is None else json.dumps(sorted(among)),
            "limit": limit,
        },
    )
    return [_session(row) for row in rows]


def _insert(connection: sqlite3.Connection, session: Session) -> bool:
    cursor = connection.execute(
        """
        INSERT INTO sessions (id, name, device_name, proxy, status, reason_code, reason_detail, phone_number,
                              push_name, epoch, have, node, created_at, updated_at, connected_at, linked_at)
        VALUES (:id, :name, :device_name, :proxy, :status, :reason_code, :reason_detail, :phone_number,
                :push_name, :epoch, :have, :node, :created_at, :updated_at, :connected_at, :linked_at)
        ON CONFLICT (id) DO NOTHING
        """,
        _session_row(session),
    )
    return cursor.rowcount == 1


def _update(connection: sqlite3.Connection, session: Session) -> None:
    connection.execute(
        """
        UPDATE sessions
        SET name = :name, device_name = :device_name, proxy = :proxy, status = :status,
            reason_code = :reason_code, reason_detail = :reason_detail, phone_number = :phone_number,
            push_name = :push_name, epoch = :epoch, have = :have, node = :node,
            created_at = :created_at, updated_at = :updated_at, connected_at = :connected_at,
            linked_at = :linked_at
        WHERE id = :id
        """,
        _session_row(session),
    )


def _write_qr(connection: sqlite3.Connection, session: Session) -> None:
    if session.qr is None:
        connection.execute("DELETE FROM qrs WHERE session_id = :id", {"id": session.id})
        return
    connection.execute(
        """
        INSERT OR REPLACE INTO qrs
        VALUES (:session_id, :payload, :ordinal, :epoch, :issued_at, :expires_at, :shown_expires_at, :boot_id)
        """,
        {"session_id": session.id, **asdict(session.qr)},
    )


def _session_row(session: Session) -> dict[str, object]:
    row = {name: getattr(session, name) for name in COLUMNS}
    reason = session.reason
    return {
        **row,
        "reason_code": reason and reason.code,
        "reason_detail": reason and reason.detail,
    }


def _session(row: sqlite3.Row) -> Session:
    return Session(
        **{name: row[name] for name in COLUMNS if name != "status"},
        status=Status(row["status"]),
        reason=None if row["reason_code"] is None else Reason(row["reason_code"], row["reason_detail"]),
        qr=None if row["payload"] is None else _qr(row),
    )


def _qr(row: sqlite3.Row) -> Qr:
    return Qr(
        payload=row["payload"],
        ordinal=row["ordinal"],
        epoch=row["qr_epoch"],
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
        shown_expires_at=row["shown_expires_at"],
        boot_id=row["boot_id"],
    )
