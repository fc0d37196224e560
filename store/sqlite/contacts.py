"""The other sides of chats on SQLite: the tables `chats` and `contacts`."""

import sqlite3
from collections.abc import Collection

from store.ports.contacts import ContactRows
from store.records.contacts import Acquaintance, Contact
from store.sqlite.session_rows import one_of

#: Milliseconds.
DAY = 86_400_000

#: What follows the number in an address.
NUMBER_SERVER = "@s.whatsapp.net"


class SqliteContactRows(ContactRows):
    """Inside the transaction of a unit of work."""

    def __init__(self, connection: sqlite3.Connection, session_id: str) -> None:
        self._connection = connection
        self._session_id = session_id

    def meet(self, addresses: Collection[str], *, has_answered: bool, at: int) -> None:
        self._connection.executemany(
            """
            INSERT INTO chats (session_id, chat, has_answered, day)
            VALUES (:session_id, :chat, :has_answered, :day)
            ON CONFLICT (session_id, chat) DO UPDATE
            SET has_answered = CASE WHEN excluded.has_answered = 1 THEN 1 ELSE chats.has_answered END,
                day = excluded.day
            WHERE chats.has_answered < excluded.has_answered OR chats.day <> excluded.day
            """,
            [
                {
                    "session_id": self._session_id,
                    "chat": address,
                    "has_answered": int(has_answered),
                    "day": at // DAY,
                }
                for address in addresses
            ],
        )

    def is_shown(self, addresses: Collection[str]) -> bool:
        in_chats, named = one_of("chat", addresses)
        row = self._connection.execute(
            f"""
            SELECT 1
            FROM chats
            WHERE session_id = :session_id AND {in_chats}
            UNION ALL
            SELECT 1
            FROM messages
            WHERE session_id = :session_id AND {in_chats}
            LIMIT 1
            """,  # noqa: S608  # names of columns and parameters
            {"session_id": self._session_id, **named},
        ).fetchone()
        return row is not None

    def link(self, number: str, lid: str, *, at: int) -> bool:
        row = {"session_id": self._session_id, "number": number, "lid": lid, "day": at // DAY}
        known = self._connection.execute(
            "SELECT lid, day FROM contacts WHERE session_id = :session_id AND number = :number", row
        ).fetchone()
        if known is not None and known["lid"] == lid and known["day"] == row["day"]:
            return False
        if known is None or known["lid"] != lid:
            self._part(lid, number)
        self._connection.execute(
            """
            INSERT INTO contacts (session_id, number, lid, day)
            VALUES (:session_id, :number, :lid, :day)
            ON CONFLICT (session_id, number) DO UPDATE
            SET lid = excluded.lid, day = excluded.day
            """,
            row,
        )
        if known is not None and known["lid"] == lid:
            return False
        self._join_lanes(lid, number)
        return True

    def _part(self, lid: str, number: str) -> None:
        """The account with a LID has another number now, and what waits for the old one is in its lane."""
        for row in self._connection.execute(
            "SELECT number FROM contacts WHERE session_id = :session_id AND lid = :lid",
            {"session_id": self._session_id, "lid": lid},
        ).fetchall():
            self._join_lanes(row["number"] + NUMBER_SERVER, number)
        self._connection.execute(
            "UPDATE contacts SET lid = NULL WHERE session_id = :session_id AND lid = :lid",
            {"session_id": self._session_id, "lid": lid},
        )

    def _join_lanes(self, address: str, number: str) -> None:
        """Lets what waits for an address wait behind, and before, what waits for a number."""
        self._connection.execute(
            "UPDATE outbox SET chat = :chat WHERE session_id = :session_id AND chat = :address",
            {"session_id": self._session_id, "chat": number + NUMBER_SERVER, "address": address},
        )

    def put(self, contact: Contact) -> None:
        self._connection.execute(
            """
            INSERT INTO contacts (session_id, number, lid, is_there, name, checked_at, day)
            VALUES (:session_id, :number, :lid, :is_there, :name, :checked_at, :day)
            ON CONFLICT (session_id, number) DO UPDATE
            SET lid = COALESCE(excluded.lid, contacts.lid), is_there = excluded.is_there,
                name = excluded.name, checked_at = excluded.checked_at, day = excluded.day
            """,
            {
                "session_id": self._session_id,
                "number": contact.number,
                "lid": contact.lid,
                "is_there": None if contact.is_there is None else int(contact.is_there),
                "name": contact.name,
                "checked_at": contact.checked_at,
                "day": (contact.checked_at or 0) // DAY,
            },
        )

    def get(self, number: str) -> Contact | None:
        return read_contact(self._connection, self._session_id, number)

    def addresses(self, chat: str) -> list[str]:
        return read_addresses(self._connection, self._session_id, chat)

    def forget(self) -> None:
        for table in ("chats", "contacts"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE session_id = :session_id",  # noqa: S608  # names of ours
                {"session_id": self._session_id},
            )


def read_acquaintance(connection: sqlite3.Connection, session_id: str, chat: str) -> Acquaintance:
    """See OutboxStore.acquaintances."""
    in_chats, named = one_of("chat", read_addresses(connection, session_id, chat))
    row = connection.execute(
        f"""
        SELECT COUNT(*) AS number, COALESCE(MAX(has_answered), 0) AS has_answered
        FROM chats
        WHERE session_id = :session_id AND {in_chats}
        """,  # noqa: S608  # names of columns and parameters
        {"session_id": session_id, **named},
    ).fetchone()
    return Acquaintance(is_known=row["number"] > 0, has_answered=bool(row["has_answered"]))


def read_contact(connection: sqlite3.Connection, session_id: str, number: str) -> Contact | None:
    """See OutboxStore.contact."""
    row = connection.execute(
        """
        SELECT number, lid, is_there, name, checked_at
        FROM contacts
        WHERE session_id = :session_id AND number = :number
        """,
        {"session_id": session_id, "number": number},
    ).fetchone()
    if row is None:
        return None
    return Contact(**{**dict(row), "is_there": None if row["is_there"] is None else bool(row["is_there"])})


def read_addresses(connection: sqlite3.Connection, session_id: str, chat: str) -> list[str]:
    """See OutboxStore.addresses."""
    number = chat.removesuffix(NUMBER_SERVER)
    if number != chat:
        contact = read_contact(connection, session_id, number)
        return [chat] if contact is None or contact.lid is None else [chat, contact.lid]
    known = _number_of(connection, session_id, chat)
    return [chat] if known is None else [known + NUMBER_SERVER, chat]


def _number_of(connection: sqlite3.Connection, session_id: str, lid: str) -> str | None:
    row = connection.execute(
        """
        SELECT number
        FROM contacts
        WHERE session_id = :session_id AND lid = :lid
        ORDER BY number
        LIMIT 1
        """,
        {"session_id": session_id, "lid": lid},
    ).fetchone()
    return None if row is None else str(row["number"])
