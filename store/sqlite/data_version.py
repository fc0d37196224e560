"""Whether anybody has committed since: a question to SQLite that needs no thread."""

import sqlite3


class DataVersion:
    """A connection that only asks for the version of the data: https://sqlite.org/pragma.html#pragma_data_version

    SQLite compares a few bytes of memory that all processes share, under a lock that waits for nobody. So the
    event loop may ask for each request. After a commit it also reads the first page, which was just written.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """connection: used for nothing else, and made by the thread of the event loop."""
        self._connection = connection
        self._cursor = connection.cursor()

    def now(self) -> int | None:
        """Returns a number that every commit changes, of this process or another. None: it is not known."""
        try:
            return int(self._cursor.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None

    def close(self) -> None:
        """Closes the connection: the version is not known any more."""
        self._connection.close()
