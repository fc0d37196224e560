"""Messages on SQLite: the table `messages`."""

import sqlite3
from dataclasses import fields

from store.errors import StoreUnavailable
from store.ports import MessageStore
from store.records import UNDECRYPTABLE, Message, MessageStatus, Reason, Via
from store.sqlite.database import Database
from store.sqlite.message_bound import MessageBound, size_of
from store.sqlite.schema import damaged

#: What a message and its row name alike: all but the reason, which is two columns.
COLUMNS = [column.name for column in fields(Message) if column.name != "status_reason"]

#: Rows that one transaction removes: others want to write meanwhile.
BATCH = 500


class SqliteMessageStore(MessageStore):
    """A message is added inside the transaction that acknowledges it: see `add_message`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, session_id: str, *, after: int, limit: int) -> list[Message]:
        def read(connection: sqlite3.Connection) -> list[Message]:
            rows = connection.execute(
                """
                SELECT place AS number, id, chat, chat_lid, sender, sender_lid, from_me, via, push_name, kind,
                    text, content, status, reason_code, reason_detail, attempts, queued_at, sent_at,
                    delivered_at, read_at, received_at
                FROM messages
                WHERE session_id = :session_id
                AND place > (
                    SELECT CASE WHEN last_place < :after THEN 0 ELSE :after END
                    FROM sessions
                    WHERE id = :session_id
                )
                ORDER BY place
                LIMIT :limit
                """,
                {"session_id": session_id, "after": after, "limit": limit},
            )
            return [_message(row) for row in rows]

        return await self._database.read(read)

    async def has_any(self, session_id: str) -> bool:
        def read(connection: sqlite3.Connection) -> bool:
            row = connection.execute(
                """
                SELECT number
                FROM messages
                WHERE session_id = :session_id
                LIMIT 1
                """,
                {"session_id": session_id},
            ).fetchone()
            return row is not None

        return await self._database.read(read)

    async def forget(self, before: int) -> bool:
        def delete(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute(
                """
                DELETE FROM messages
                WHERE number IN (SELECT number FROM messages WHERE received_at < :before LIMIT :batch)
                """,
                {"before": before, "batch": BATCH},
            )
            return cursor.rowcount == BATCH

        return await self._database.write(delete)


def add_message(
    connection: sqlite3.Connection, session_id: str, message: Message, bound: MessageBound
) -> None:
    """Store a message, inside the caller's transaction: see UnitOfWork.add_message."""
    size = size_of(message)
    row = {**_columns(message), "session_id": session_id, "size": size}
    if message.kind != UNDECRYPTABLE:
        connection.execute(
            """
            DELETE FROM messages
            WHERE session_id = :session_id AND id = :id AND kind = 'undecryptable'
            AND (chat IN (:chat, :chat_lid) OR chat_lid = :chat_lid)
            AND (sender IN (:sender, :sender_lid) OR sender_lid = :sender_lid)
            """,
            row,
        )
    bound.admit(connection, session_id, size)
    connection.execute("UPDATE sessions SET last_place = last_place + 1 WHERE id = :session_id", row)
    connection.execute(
        """
        INSERT INTO messages (session_id, place, id, chat, chat_lid, sender, sender_lid, from_me, via,
                              push_name, kind, text, content, status, reason_code, reason_detail, attempts,
                              queued_at, sent_at, delivered_at, read_at, received_at, size)
        SELECT :session_id, last_place, :id, :chat, :chat_lid, :sender, :sender_lid, :from_me, :via,
               :push_name, :kind, :text, :content, :status, :reason_code, :reason_detail, :attempts,
               :queued_at, :sent_at, :delivered_at, :read_at, :received_at, :size
        FROM sessions
        WHERE id = :session_id
        """,
        row,
    )


def _columns(message: Message) -> dict[str, object]:
    reason = message.status_reason
    return {
        **{name: getattr(message, name) for name in COLUMNS},
        "from_me": int(message.from_me),
        "reason_code": reason and reason.code,
        "reason_detail": reason and reason.detail,
    }


def _message(row: sqlite3.Row) -> Message:
    """Raises StoreUnavailable if the row was never written so."""
    try:
        typed = {
            "from_me": bool(row["from_me"]),
            "via": None if row["via"] is None else Via(row["via"]),
            "status": None if row["status"] is None else MessageStatus(row["status"]),
        }
    except ValueError:
        raise StoreUnavailable(damaged("a message has a status that does not exist")) from None
    reason = None if row["reason_code"] is None else Reason(row["reason_code"], row["reason_detail"])
    return Message(**{name: row[name] for name in COLUMNS} | typed, status_reason=reason)
