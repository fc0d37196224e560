"""Cool-downs on SQLite: the table `cool_downs`."""

import sqlite3
from dataclasses import asdict

from store.ports.cool_downs import CoolDownStore
from store.records.cool_downs import CoolDown
from store.records.reason import Reason
from store.sqlite.database import Database


class SqliteCoolDownStore(CoolDownStore):
    """Each method is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[CoolDown]:
        def read(connection: sqlite3.Connection) -> list[CoolDown]:
            rows = connection.execute("SELECT * FROM cool_downs ORDER BY session_id").fetchall()
            return [_cool_down(row) for row in rows]

        return await self._database.read(read)

    async def put(self, cool_down: CoolDown) -> None:
        row = asdict(cool_down)
        reason = row.pop("reason")

        def put(connection: sqlite3.Connection) -> None:
            connection.execute(
                """
                INSERT INTO cool_downs (session_id, refusals, reason_code, reason_detail,
                                        length, until, until_wall, boot_id)
                VALUES (:session_id, :refusals, :reason_code, :reason_detail,
                        :length, :until, :until_wall, :boot_id)
                ON CONFLICT (session_id) DO UPDATE
                SET refusals = excluded.refusals, reason_code = excluded.reason_code,
                    reason_detail = excluded.reason_detail, length = excluded.length,
                    until = excluded.until, until_wall = excluded.until_wall, boot_id = excluded.boot_id
                """,
                {**row, "reason_code": reason["code"], "reason_detail": reason["detail"]},
            )

        await self._database.write(put)

    async def delete(self, session_id: str) -> None:
        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM cool_downs WHERE session_id = :id", {"id": session_id})

        await self._database.write(delete)


def _cool_down(row: sqlite3.Row) -> CoolDown:
    return CoolDown(
        session_id=row["session_id"],
        refusals=row["refusals"],
        reason=Reason(row["reason_code"], row["reason_detail"]),
        length=row["length"],
        until=row["until"],
        until_wall=row["until_wall"],
        boot_id=row["boot_id"],
    )
