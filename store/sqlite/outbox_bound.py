"""Bound of what waits in a session's outbox: it is only counted if it may have been reached."""

import sqlite3
from typing import NamedTuple

from store.sqlite.message_bound import last_place_of

#: More bytes than any message has that waits: the request for it has half as many at most.
MAX_MESSAGE_BYTES = 2**20


class Count(NamedTuple):
    """What waits in a session."""

    number: int
    #: About.
    bytes: int
    #: The place of the session's last message when it was counted.
    place: int


class OutboxBound:
    """Remembers the last count of each session. Runs on the writing thread of the store.

    Since a count, no more messages can have been queued than the session has stored, by whichever front.
    """

    def __init__(self) -> None:
        #: By session id.
        self._counts: dict[str, Count] = {}

    def reached(
        self, connection: sqlite3.Connection, session_id: str, *, number: int, size: int
    ) -> Count | None:
        """Returns what waits if that is at the bound; None: one more may wait."""
        place = last_place_of(connection, session_id)
        known = self._counts.get(session_id)
        if known is not None and _has_room(known, place - known.place, number, size):
            return None
        count = self._counts[session_id] = _count(connection, session_id, place)
        return None if count.number < number and count.bytes < size else count

    def forget(self, session_id: str) -> None:
        """The session is deleted."""
        self._counts.pop(session_id, None)


def _has_room(count: Count, since: int, number: int, size: int) -> bool:
    """Whether an outbox has room for certain. since: messages that were stored after the count."""
    return since >= 0 and count.number + since < number and count.bytes + since * MAX_MESSAGE_BYTES < size


def _count(connection: sqlite3.Connection, session_id: str, place: int) -> Count:
    row = connection.execute(
        """
        SELECT COUNT(*) AS number, COALESCE(SUM(size), 0) AS bytes
        FROM outbox
        WHERE session_id = :session_id
        """,
        {"session_id": session_id},
    ).fetchone()
    return Count(row["number"], row["bytes"], place)
