"""Removal of dead letters and lanes of which the log has no event, inside a transaction of the caller.

Each function handles a part of the rows, from a place on: others want to write meanwhile.
"""

import sqlite3
from collections.abc import Sequence

#: Rows that one transaction removes or changes.
BATCH = 1000

#: Place of a dead letter: its webhook, and the number of its event.
Letter = tuple[str, int]

#: Place of a lane: its webhook and its session.
Place = tuple[str, str]


def find_gone_letters(connection: sqlite3.Connection, after: Letter) -> list[Letter]:
    """Returns the next dead letters whose events were removed."""
    webhook_id, event = after
    rows = connection.execute(
        """
        SELECT webhook_id, event
        FROM dead
        WHERE (webhook_id, event) > (:webhook_id, :event)
        AND NOT EXISTS (SELECT * FROM events WHERE number = dead.event)
        ORDER BY webhook_id, event
        LIMIT :batch
        """,
        {"webhook_id": webhook_id, "event": event, "batch": BATCH},
    )
    return [(row["webhook_id"], row["event"]) for row in rows]


def remove_letters(connection: sqlite3.Connection, letters: Sequence[Letter]) -> None:
    """Removes dead letters. The number of a removed event is of no other one."""
    for webhook_id, event in letters:
        connection.execute(
            "DELETE FROM dead WHERE webhook_id = :webhook_id AND event = :event",
            {"webhook_id": webhook_id, "event": event},
        )


def remove_some_letters(connection: sqlite3.Connection, webhook_id: str) -> bool:
    """Removes the next dead letters of a webhook; whether there may be more."""
    removed = connection.execute(
        """
        DELETE FROM dead
        WHERE webhook_id = :webhook_id
        AND event IN (SELECT event FROM dead WHERE webhook_id = :webhook_id ORDER BY event LIMIT :batch)
        """,
        {"webhook_id": webhook_id, "batch": BATCH},
    )
    return removed.rowcount == BATCH


def find_gone_lanes(connection: sqlite3.Connection, after: Place) -> list[Place]:
    """Returns the next lanes whose sessions have no event."""
    webhook_id, session_id = after
    rows = connection.execute(
        """
        SELECT webhook_id, session_id
        FROM lanes
        WHERE (webhook_id, session_id) > (:webhook_id, :session_id)
        AND session_id NOT IN (SELECT session_id FROM event_totals WHERE kept > 0)
        ORDER BY webhook_id, session_id
        LIMIT :batch
        """,
        {"webhook_id": webhook_id, "session_id": session_id, "batch": BATCH},
    )
    return [(row["webhook_id"], row["session_id"]) for row in rows]


def remove_lanes(connection: sqlite3.Connection, places: Sequence[Place]) -> None:
    """Removes lanes, unless their sessions have got an event meanwhile."""
    for webhook_id, session_id in places:
        connection.execute(
            """
            DELETE FROM lanes
            WHERE webhook_id = :webhook_id AND session_id = :session_id
            AND session_id NOT IN (SELECT session_id FROM event_totals WHERE kept > 0)
            """,
            {"webhook_id": webhook_id, "session_id": session_id},
        )


def end_some_replays(
    connection: sqlite3.Connection, webhook_id: str, *, version: int, after: int
) -> int | None:
    """Takes back what `replay_dead` requested, of the next events. Returns the last one; None without any.

    None also if the webhook has another version: see WebhookStore.end_replays.
    """
    values = {"webhook_id": webhook_id, "version": version, "after": after, "batch": BATCH}
    events = connection.execute(
        """
        SELECT event
        FROM dead
        WHERE webhook_id = :webhook_id AND replay = 1 AND event > :after
        AND EXISTS (SELECT * FROM webhooks WHERE id = :webhook_id AND version = :version)
        ORDER BY event
        LIMIT :batch
        """,
        values,
    ).fetchall()
    if not events:
        return None
    last = int(events[-1]["event"])
    connection.execute(
        """
        UPDATE dead
        SET replay = 0
        WHERE webhook_id = :webhook_id AND replay = 1 AND event > :after AND event <= :last
        """,
        {"webhook_id": webhook_id, "after": after, "last": last},
    )
    return last
