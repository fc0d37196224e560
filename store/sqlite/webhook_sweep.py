"""Changes of many dead letters and lanes, inside transactions of the caller.

Each function handles a part of the rows, from a place on: others want to write meanwhile.
"""

import sqlite3
from collections.abc import Sequence

from store.sqlite.webhook_lists import named
from store.sqlite.webhook_replays import mark_changed

#: Rows that one transaction removes or changes.
BATCH = 1000

#: Place of a dead letter: its webhook, and the number of its event.
Letter = tuple[str, int]

#: Place of a lane: its webhook and its session.
Place = tuple[str, str]

#: A dead letter ahead of the cursor of its lane, which a replay has set back since. One that was given up
#: after the replay is behind the cursor, which was written with it.
_IS_REVIVED = """EXISTS (
    SELECT *
    FROM lanes
    WHERE lanes.webhook_id = dead.webhook_id AND lanes.session_id = dead.session_id AND done < dead.event
)"""

#: A dead letter that nobody can deliver any longer.
_IS_GONE = "NOT EXISTS (SELECT * FROM events WHERE number = dead.event)"


def find_gone_letters(connection: sqlite3.Connection, after: Letter) -> list[Letter]:
    """Returns the next dead letters whose events were removed, or are on their way again."""
    webhook_id, event = after
    rows = connection.execute(
        f"""
        SELECT webhook_id, event
        FROM dead
        WHERE (webhook_id, event) > (:webhook_id, :event) AND ({_IS_GONE} OR {_IS_REVIVED})
        ORDER BY webhook_id, event
        LIMIT :batch
        """,  # noqa: S608  # conditions of ours
        {"webhook_id": webhook_id, "event": event, "batch": BATCH},
    )
    return [(row["webhook_id"], row["event"]) for row in rows]


def remove_letters(connection: sqlite3.Connection, letters: Sequence[Letter]) -> None:
    """Removes dead letters, unless they were given up again since they were found."""
    for webhook_id, event in letters:
        connection.execute(
            f"""
            DELETE FROM dead
            WHERE webhook_id = :webhook_id AND event = :event AND ({_IS_GONE} OR {_IS_REVIVED})
            """,  # noqa: S608  # conditions of ours
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


def remove_revived(connection: sqlite3.Connection, webhook_id: str, *, after: int) -> int | None:
    """Removes the next dead letters that a replay revives. Returns the last event; None: it was the end."""
    last, is_end = _part(connection, webhook_id, after)
    connection.execute(
        f"""
        DELETE FROM dead
        WHERE webhook_id = :webhook_id AND event > :after AND event <= :last AND {_IS_REVIVED}
        """,  # noqa: S608  # a condition of ours
        {"webhook_id": webhook_id, "after": after, "last": last},
    )
    return None if is_end else last


def request_some_replays(
    connection: sqlite3.Connection, webhook_id: str, *, after: int
) -> tuple[int, int | None]:
    """Requests one more try of the next dead letters: see WebhookStore.replay_dead.

    Returns their number, and the last event; None: it was the end. The first part ends what failed under the
    earlier request; after the last one, the deliverer reads all of them.
    """
    last, is_end = _part(connection, webhook_id, after)
    is_named, names = named(connection, webhook_id)
    found = connection.execute(
        f"""
        UPDATE dead
        SET replay = 1
        WHERE webhook_id = :webhook_id AND event > :after AND event <= :last
        AND EXISTS (SELECT * FROM events WHERE number = dead.event) AND {is_named}
        """,  # noqa: S608  # names of columns and parameters
        {"webhook_id": webhook_id, "after": after, "last": last, **names},
    )
    if is_end or after == 0:
        mark_changed(connection, webhook_id)
    return found.rowcount, None if is_end else last


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


def _part(connection: sqlite3.Connection, webhook_id: str, after: int) -> tuple[int, bool]:
    """Returns the last event of the next part of the dead letters of a webhook, and whether none follows."""
    last, number = connection.execute(
        """
        SELECT COALESCE(MAX(event), :after), COUNT(*)
        FROM (
            SELECT event
            FROM dead
            WHERE webhook_id = :webhook_id AND event > :after
            ORDER BY event
            LIMIT :batch
        ) AS part
        """,
        {"webhook_id": webhook_id, "after": after, "batch": BATCH},
    ).fetchone()
    return int(last), int(number) < BATCH
