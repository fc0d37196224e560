"""The lock that one process at a time has while it writes to the database."""

import sqlite3
import time

#: Seconds between two tries to get the lock. SQLite itself waits up to 0.1: a process that writes without a
#: pause, as the front does while messages come in, would have the lock again before the other one looks.
LOOK_SECONDS = 0.001

#: Seconds in which it is tried at least, if a write has waited behind others of this process.
MIN_SECONDS = 0.02


def begin(connection: sqlite3.Connection, until: float) -> None:
    """Begins a transaction that writes. Blocks, until the moment `until`, while another process writes.

    until: monotonic. Writes run one after the other: with a whole time-out each, waits would add up.
    Raises sqlite3.OperationalError with SQLITE_BUSY if the other one does not end.
    """
    until = max(until, time.monotonic() + MIN_SECONDS)
    connection.execute("PRAGMA busy_timeout = 0").fetchall()
    while not _has_begun(connection, is_last=time.monotonic() >= until):
        time.sleep(LOOK_SECONDS)


def _has_begun(connection: sqlite3.Connection, *, is_last: bool) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if is_last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
