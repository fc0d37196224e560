"""The bound of chats and contacts: see OutboxStore.forget_contacts."""

import sqlite3

#: Removal goes on down to this part of the bound, so that not every sweep removes some.
REMOVED_TO = 0.95

#: What is bounded: tables with the column that names a row of a session.
TABLES = (("chats", "chat"), ("contacts", "number"))


def forget_contacts(connection: sqlite3.Connection, most: int) -> int:
    """Removes what nobody wrote in, or looked up, for longest. Returns how many rows."""
    return sum(_forget_oldest(connection, table, column, most) for table, column in TABLES)


def _forget_oldest(connection: sqlite3.Connection, table: str, column: str, most: int) -> int:
    crowded = connection.execute(
        f"""
        SELECT session_id, COUNT(*) AS kept
        FROM {table}
        GROUP BY session_id
        HAVING COUNT(*) > :most
        """,  # noqa: S608  # names of ours
        {"most": most},
    ).fetchall()
    removed = 0
    for row in crowded:
        excess = row["kept"] - int(most * REMOVED_TO)
        connection.execute(
            f"""
            DELETE FROM {table}
            WHERE session_id = :session_id
            AND {column} IN (
                SELECT {column}
                FROM {table}
                WHERE session_id = :session_id
                ORDER BY day, {column}
                LIMIT :excess
            )
            """,  # noqa: S608  # names of ours
            {"session_id": row["session_id"], "excess": excess},
        )
        removed += excess
    return removed
