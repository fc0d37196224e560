"""Messages on SQLite: the table `messages`."""

import sqlite3
from collections.abc import Collection
from dataclasses import fields, replace
from operator import attrgetter

from store.errors import StoreUnavailable
from store.ports.messages import MessageStore
from store.records.messages import UNDECRYPTABLE, VIEW_ONCE, Message, MessageStatus, Via
from store.records.reason import Reason
from store.sqlite.database import Database
from store.sqlite.message_bound import MessageBound, size_of
from store.sqlite.schema import damaged
from store.sqlite.session_rows import one_of

#: What a message and its row name alike: all but the reason, which is two columns.
COLUMNS = [column.name for column in fields(Message) if column.name != "status_reason"]

#: More than any place.
NO_LAST = 2**62

#: The columns of a message, under the names of the record.
SELECTED = ", ".join(
    "place AS number" if name == "number" else name for name in [*COLUMNS, "reason_code", "reason_detail"]
)

#: Rows that one transaction removes: others want to write meanwhile.
BATCH = 500


class SqliteMessageStore(MessageStore):
    """A message is added inside the transaction that acknowledges it: see `add_message`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, session_id: str, *, after: int, limit: int, chats: Collection[str] | None = None
    ) -> list[Message]:
        first = "CASE WHEN last_place < :place THEN 0 ELSE :place END"
        first = f"(SELECT {first} FROM sessions WHERE id = :session_id)"  # noqa: S608  # constants
        return await self._page(session_id, f"place > {first} ORDER BY place", after, limit, chats)

    async def page_back(
        self, session_id: str, *, before: int, limit: int, chats: Collection[str] | None = None
    ) -> list[Message]:
        return await self._page(session_id, "place < :place ORDER BY place DESC", before, limit, chats)

    async def _page(
        self, session_id: str, which: str, place: int, limit: int, chats: Collection[str] | None
    ) -> list[Message]:
        """which: the end of a condition, and the order, as SQL. It knows :place and :session_id."""
        in_chats, named = one_of("chat", chats)

        def read(connection: sqlite3.Connection) -> list[Message]:
            rows = connection.execute(
                f"""
                SELECT {SELECTED}
                FROM messages
                WHERE session_id = :session_id
                AND {in_chats}
                AND {which}
                LIMIT :limit
                """,  # noqa: S608  # names of columns and parameters
                {"session_id": session_id, "place": place, "limit": limit, **named},
            )
            return [message_of(row) for row in rows]

        return await self._database.read(read)

    async def with_id(self, session_id: str, message_id: str) -> list[Message]:
        return await self._database.read(lambda connection: messages_with(connection, session_id, message_id))

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
                WHERE number IN (
                    SELECT number
                    FROM messages
                    WHERE received_at < :before AND number NOT IN (SELECT number FROM outbox)
                    LIMIT :batch
                )
                """,
                {"before": before, "batch": BATCH},
            )
            return cursor.rowcount == BATCH

        return await self._database.write(delete)


def add_message(
    connection: sqlite3.Connection, session_id: str, message: Message, bound: MessageBound
) -> Message:
    """Stores a message, inside the caller's transaction. Returns it with its place."""
    size = size_of(message)
    row = {**_columns(message), "session_id": session_id, "size": size}
    if message.via is not Via.API and message.kind not in (UNDECRYPTABLE, VIEW_ONCE):
        connection.execute(
            """
            DELETE FROM messages
            WHERE session_id = :session_id AND id = :id AND kind IN ('undecryptable', 'view_once')
            AND (chat IN (:chat, :chat_lid) OR chat_lid = :chat_lid)
            AND (sender IN (:sender, :sender_lid) OR sender_lid = :sender_lid)
            """,
            row,
        )
    (place,) = connection.execute(
        "UPDATE sessions SET last_place = last_place + 1 WHERE id = :session_id RETURNING last_place", row
    ).fetchone()
    bound.admit(connection, session_id, size, place=place)
    connection.execute(
        """
        INSERT INTO messages (session_id, place, id, chat, chat_lid, sender, sender_lid, from_me, via,
                              push_name, kind, text, content, status, reason_code, reason_detail, attempts,
                              queued_at, sent_at, delivered_at, read_at, received_at, size)
        VALUES (:session_id, :place, :id, :chat, :chat_lid, :sender, :sender_lid, :from_me, :via,
                :push_name, :kind, :text, :content, :status, :reason_code, :reason_detail, :attempts,
                :queued_at, :sent_at, :delivered_at, :read_at, :received_at, :size)
        """,
        {**row, "place": place},
    )
    return replace(message, number=place)


def messages_with(
    connection: sqlite3.Connection,
    session_id: str,
    message_id: str,
    *,
    from_me: bool | None = None,
    after: int = 0,
) -> list[Message]:
    """See UnitOfWork.messages_with. after: only those behind this place."""
    # Few messages have one id. With a condition or an order by place, SQLite would read all of the session.
    rows = connection.execute(
        f"""
        SELECT {SELECTED}
        FROM messages
        WHERE session_id = :session_id AND id = :id
        """,  # noqa: S608  # names of columns
        {"session_id": session_id, "id": message_id},
    )
    found = sorted((message_of(row) for row in rows), key=attrgetter("number"))
    return [message for message in found if message.number > after and from_me in (None, message.from_me)]


def earlier_place(connection: sqlite3.Connection, session_id: str) -> int:
    """Returns the place of the last message of the accounts that the session had before; 0 if it had none."""
    row = connection.execute(
        "SELECT earlier_place FROM sessions WHERE id = :session_id", {"session_id": session_id}
    ).fetchone()
    return 0 if row is None else int(row["earlier_place"])


def unread_messages(
    connection: sqlite3.Connection, session_id: str, chats: Collection[str], *, last: int | None, most: int
) -> list[Message]:
    """See UnitOfWork.mark_read. The oldest comes first."""
    in_chats, named = one_of("chat", chats)
    rows = connection.execute(
        f"""
        SELECT {SELECTED}
        FROM messages
        WHERE session_id = :session_id AND {in_chats}
        AND from_me = 0 AND read_at IS NULL AND place > :earlier AND place <= :last
        ORDER BY place DESC
        LIMIT :most
        """,  # noqa: S608  # names of columns and parameters
        {
            "session_id": session_id,
            "earlier": earlier_place(connection, session_id),
            "last": NO_LAST if last is None else last,
            "most": most,
            **named,
        },
    )
    return [message_of(row) for row in rows][::-1]


def change_message(connection: sqlite3.Connection, session_id: str, message: Message) -> None:
    """See UnitOfWork.change_message."""
    connection.execute(
        """
        UPDATE messages
        SET status = :status, reason_code = :reason_code, reason_detail = :reason_detail,
            attempts = :attempts, sent_at = :sent_at, delivered_at = :delivered_at, read_at = :read_at,
            chat_lid = :chat_lid, sender_lid = :sender_lid
        WHERE session_id = :session_id AND place = :number
        """,
        {**_columns(message), "session_id": session_id},
    )


def _columns(message: Message) -> dict[str, object]:
    reason = message.status_reason
    return {
        **{name: getattr(message, name) for name in COLUMNS},
        "from_me": int(message.from_me),
        "reason_code": reason and reason.code,
        "reason_detail": reason and reason.detail,
    }


def message_of(row: sqlite3.Row) -> Message:
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
