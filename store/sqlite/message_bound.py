"""Bound of the messages of one session: above it, the oldest messages of the loudest chat are removed."""

import heapq
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from store.records.messages import Message, MessageLimits

#: Removal goes on down to this part of the bound, so that not every message that follows removes one.
REMOVED_TO = 0.95

#: Rows of one chat that are looked at in one step.
STEP_ROWS = 100

#: Bytes of a row and of its entries in the indexes, without its texts.
ROW_BYTES = 400

#: A number of a message that no message has.
NONE = 2**62


@dataclass(slots=True)
class Total:
    """Messages of a session or of a chat."""

    number: int = 0
    #: About.
    bytes: int = 0
    #: Of a session: the place of the last message that is counted. Another front may have added more since.
    last_place: int = 0


class MessageBound:
    """Keeps the messages of each session within limits. Runs on the writing thread of the store.

    The totals in memory are at least as large as those of the database: messages are only added through
    `admit`, and a total is counted again if another front added one. So it is before anything is removed. No
    message of the outbox is removed.
    """

    def __init__(
        self,
        limits: MessageLimits,
        *,
        on_removed: Callable[[str, int], None] = lambda session_id, number: None,
        undelivered_from: Callable[[sqlite3.Connection, str], int] = lambda connection, session_id: NONE,
    ) -> None:
        """on_removed: called with the session's id and the number of messages that were removed.

        undelivered_from: the number of the first message of a session that a subscriber has still to get.
        That message and those after it are never removed. Nothing delivers messages yet: readers poll.
        """
        self._limits = limits
        self._on_removed = on_removed
        self._undelivered_from = undelivered_from
        #: By session id.
        self._totals: dict[str, Total] = {}

    def admit(self, connection: sqlite3.Connection, session_id: str, size: int, *, place: int) -> None:
        """Makes room for a message that is about to be stored, if the session has no more.

        size: its bytes, about. place: the one that it gets.
        """
        total = self._totals.get(session_id)
        if total is None or total.last_place != place - 1:
            total = self._totals[session_id] = _total(connection, session_id)
        total.last_place = place
        total.number += 1
        total.bytes += size
        if not self._exceeds(total):
            return
        counted = _total(connection, session_id)
        counted.last_place = place
        counted.number += 1
        counted.bytes += size
        self._totals[session_id] = counted
        if self._exceeds(counted):
            self._remove(connection, session_id, counted)

    def forget(self, session_id: str) -> None:
        """The session is deleted. If it is not after all, its messages are counted again."""
        self._totals.pop(session_id, None)

    def _exceeds(self, total: Total, part: float = 1.0) -> bool:
        return total.number > part * self._limits.number or total.bytes > part * self._limits.bytes

    def _remove(self, connection: sqlite3.Connection, session_id: str, total: Total) -> None:
        """Removes messages until the rest is well within the limits. total: changed with each removal.

        Each time the oldest message of the chat that is the loudest then: chats that are equally loud lose
        equally much, and there may be as many chats as messages.
        """
        before = total.number
        until = self._undelivered_from(connection, session_id)
        chats = _chats(connection, session_id)
        oldest = {chat: _oldest(connection, session_id, chat, until) for chat in chats}
        turns = [(-self._share(of_chat), first, chat) for chat, (of_chat, first) in chats.items()]
        last: dict[str, int] = {}
        heapq.heapify(turns)
        while turns and self._exceeds(total, REMOVED_TO):
            _, _, chat = turns[0]
            number, size = next(oldest[chat], (None, 0))
            if number is None:
                heapq.heappop(turns)  # the rest has still to be delivered
                continue
            last[chat] = number
            of_chat, _ = chats[chat]
            for counted in (total, of_chat):
                counted.number -= 1
                counted.bytes -= size
            heapq.heapreplace(turns, (-self._share(of_chat), number, chat))
        _delete(connection, session_id, last)
        if before > total.number:
            self._on_removed(session_id, before - total.number)

    def _share(self, total: Total) -> float:
        """Returns how much of the limits a chat takes."""
        return max(total.number / self._limits.number, total.bytes / self._limits.bytes)


def size_of(message: Message) -> int:
    """Returns the bytes that a message takes, about."""
    texts = (
        message.id,
        message.chat,
        message.sender,
        message.push_name,
        message.kind,
        message.text,
        message.content,
    )
    return ROW_BYTES + sum(len(text.encode()) for text in texts if text is not None)


def last_place_of(connection: sqlite3.Connection, session_id: str) -> int:
    """Returns the place of the last message that the session stored."""
    row = connection.execute(
        "SELECT last_place FROM sessions WHERE id = :session_id", {"session_id": session_id}
    ).fetchone()
    return int(row["last_place"])


def _total(connection: sqlite3.Connection, session_id: str) -> Total:
    row = connection.execute(
        """
        SELECT COUNT(*) AS number, COALESCE(SUM(size), 0) AS bytes
        FROM messages
        WHERE session_id = :session_id
        """,
        {"session_id": session_id},
    ).fetchone()
    return Total(row["number"], row["bytes"])


def _chats(connection: sqlite3.Connection, session_id: str) -> dict[str, tuple[Total, int]]:
    """Returns each chat, with the number of its oldest message: of equally loud chats that goes first."""
    rows = connection.execute(
        """
        SELECT chat, COUNT(*) AS number, SUM(size) AS bytes, MIN(number) AS first
        FROM messages
        WHERE session_id = :session_id
        GROUP BY chat
        """,
        {"session_id": session_id},
    )
    return {row["chat"]: (Total(row["number"], row["bytes"]), row["first"]) for row in rows}


def _oldest(
    connection: sqlite3.Connection, session_id: str, chat: str, until: int
) -> Iterator[tuple[int, int]]:
    """Yields number and size of the messages of a chat before a number, the oldest first."""
    after = 0
    while True:
        rows = connection.execute(
            """
            SELECT number, size
            FROM messages
            WHERE session_id = :session_id AND chat = :chat AND number > :after AND number < :until
            AND number NOT IN (SELECT number FROM outbox WHERE session_id = :session_id)
            ORDER BY number
            LIMIT :limit
            """,
            {"session_id": session_id, "chat": chat, "after": after, "until": until, "limit": STEP_ROWS},
        ).fetchall()
        for row in rows:
            after = row["number"]
            yield after, row["size"]
        if len(rows) < STEP_ROWS:
            return


def _delete(connection: sqlite3.Connection, session_id: str, last: Mapping[str, int]) -> None:
    """last: the number of the last message to remove, by chat."""
    connection.executemany(
        """
        DELETE FROM messages
        WHERE session_id = :session_id AND chat = :chat AND number <= :last
        AND number NOT IN (SELECT number FROM outbox WHERE session_id = :session_id)
        """,
        [{"session_id": session_id, "chat": chat, "last": number} for chat, number in last.items()],
    )
