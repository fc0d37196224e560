"""The outbox after a restore: what waited in a backup may have been sent since."""

import sqlite3
from collections.abc import Iterator

from store.records.messages import Message
from store.records.reason import Reason
from store.sqlite.messages import message_of
from store.sqlite.outbox_rows import QUALIFIED

#: Why a message fails that waited in a backup.
RESTORED = Reason("restored", "a backup was restored: it may have been sent after the backup was made")


def fail_restored(connection: sqlite3.Connection, now: int) -> Iterator[tuple[str, Message]]:
    """Fails every message that waits: a restore took back what was sent. now: milliseconds since 1970.

    Yields each with the id of its session, in the order in which they were queued: there may be many. They
    stay in the outbox until `forget_outbox`.
    """
    connection.execute(
        """
        UPDATE idempotency
        SET ended_at = :now
        WHERE ended_at IS NULL
        """,
        {"now": now},
    )
    connection.execute(
        """
        UPDATE messages
        SET status = 'failed', reason_code = :code, reason_detail = :detail
        WHERE number IN (SELECT number FROM outbox)
        """,
        {"code": RESTORED.code, "detail": RESTORED.detail},
    )
    rows = connection.execute(
        f"""
        SELECT {QUALIFIED}, messages.session_id AS session_id
        FROM outbox
        JOIN messages ON messages.number = outbox.number
        ORDER BY outbox.number
        """  # noqa: S608  # names of columns
    )
    for row in rows:
        yield row["session_id"], message_of(row)


def forget_outbox(connection: sqlite3.Connection) -> None:
    """Removes what waits in all sessions: it was sent, or has failed."""
    connection.execute("DELETE FROM outbox")
