"""Sessions that webhooks name, inside a transaction of the caller.

The id of a deleted session may be given to another one. A webhook follows it there if it was made with
a key for every session, or as long as the bound key that made it exists.

A webhook without `maker` was made with a key for every session.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping

from store.records.webhooks import Webhook
from store.sqlite.event_numbers import begins_after, newest
from store.sqlite.webhook_sweep import BATCH

NAMES_NOBODY = "the sessions that it names were deleted, and so was its key"


def begins_of(
    connection: sqlite3.Connection, names: Collection[str] | None, known: Mapping[str, int]
) -> dict[str, int]:
    """Returns the number behind which a webhook has events of each session that it names.

    known: of the sessions that it named before.
    """
    last = newest(connection, None)
    found = {}
    for name in names or ():
        begins = known.get(name, begins_after(connection, name))
        found[name] = last if begins is None else begins
    return found


def forget_others(connection: sqlite3.Connection, webhook: Webhook, before: Collection[str] | None) -> bool:
    """Forgets dead letters and tries of sessions that had an id before the webhook named it.

    before: the ids that it named until now, which stay as they are. None: it had every session.
    Returns False after a part of the dead letters, because others want to write meanwhile.
    """
    for name in {*(webhook.sessions or ())} - {*(before or ())}:
        values = {"id": webhook.id, "name": name, "begins": webhook.begins[name], "batch": BATCH}
        removed = connection.execute(
            """
            DELETE FROM dead
            WHERE webhook_id = :id AND event IN (
                SELECT event
                FROM dead
                WHERE webhook_id = :id AND session_id = :name AND event <= :begins
                ORDER BY event
                LIMIT :batch
            )
            """,
            values,
        )
        if removed.rowcount == BATCH:
            return False
        connection.execute("DELETE FROM tries WHERE webhook_id = :id AND session_id = :name", values)
    return True


def follow(connection: sqlite3.Connection, session_id: str) -> None:
    """Decides which webhooks that name the id get the events of the session that was just made.

    Each of them is read again by the deliverer.
    """
    begins = begins_after(connection, session_id) or 0
    last = newest(connection, [session_id])
    rows = connection.execute(
        "SELECT id, sessions, begins, maker, first FROM webhooks WHERE sessions IS NOT NULL"
    ).fetchall()
    for row in rows:
        if session_id not in row["sessions"].split():
            continue
        known = json.loads(row["begins"])
        if last <= known.get(session_id, row["first"]):  # it is the first one since the webhook named the id
            _write(connection, row, row["sessions"].split(), {**known, session_id: begins})
        elif _is_there(connection, row["maker"]):
            _write(connection, row, row["sessions"].split(), known)
        else:
            _leave(connection, row, {session_id})


def end_of_key(connection: sqlite3.Connection, name: str) -> None:
    """Ends what webhooks of a key that was just removed get of sessions that they did not name themselves."""
    rows = connection.execute(
        "SELECT id, sessions, begins, maker, first FROM webhooks WHERE maker IS NOT NULL"
    ).fetchall()
    for row in rows:
        if row["maker"].partition(" ")[2] != name or _is_there(connection, row["maker"]):
            continue
        known = json.loads(row["begins"])
        others = {
            session_id
            for session_id in row["sessions"].split()
            if (begins_after(connection, session_id) or 0) > known.get(session_id, row["first"])
        }
        if others:
            _leave(connection, row, others)


def _is_there(connection: sqlite3.Connection, maker: str | None) -> bool:
    if maker is None:
        return True
    made, _, name = maker.partition(" ")
    found = connection.execute(
        "SELECT name FROM keys WHERE name = :name AND created_at = :made", {"name": name, "made": int(made)}
    )
    return found.fetchone() is not None


def _leave(connection: sqlite3.Connection, row: sqlite3.Row, others: Collection[str]) -> None:
    """Removes ids from those that a webhook names. others: they belong to other sessions now."""
    names = [name for name in row["sessions"].split() if name not in others]
    begins = {name: number for name, number in json.loads(row["begins"]).items() if name not in others}
    _write(connection, row, names, begins)
    if not names:
        connection.execute(
            "UPDATE webhooks SET disabled = COALESCE(disabled, :why) WHERE id = :id",
            {"why": NAMES_NOBODY, "id": row["id"]},
        )


def _write(
    connection: sqlite3.Connection, row: sqlite3.Row, names: Collection[str], begins: Mapping[str, int]
) -> None:
    connection.execute(
        "UPDATE webhooks SET sessions = :sessions, begins = :begins, version = version + 1 WHERE id = :id",
        {"sessions": " ".join(names), "begins": json.dumps(begins), "id": row["id"]},
    )
