"""Writes that wait for the disk together: one commit for all that wait for the writing thread."""

import sqlite3
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

Result = TypeVar("Result")

#: Writes that one commit brings to the disk, at most: other processes want to write meanwhile.
MAX_AT_ONCE = 16

#: Seconds after which a commit takes in no further write: those that it has wait for it.
GATHERING_SECONDS = 0.01


class Write(Generic[Result]):
    """One write: a closure that writes all or nothing."""

    def __init__(self, fn: Callable[[sqlite3.Connection], Result], *, until: float) -> None:
        """until: how long it waits for other processes: monotonic clock, seconds."""
        self._fn = fn
        self.until = until
        self._results: list[Result] = []
        self.error: BaseException | None = None

    def result(self) -> Result:
        """Returns what the closure returned, once the write is on the disk. Raises what it raised."""
        if self.error is not None:
            raise self.error
        return self._results[0]

    def run(self, connection: sqlite3.Connection) -> None:
        """Runs the closure inside a transaction. Raises what it raises."""
        self._results = [self._fn(connection)]

    def run_among_others(self, connection: sqlite3.Connection) -> None:
        """Runs the closure. If it raises, that is kept; what it wrote is undone, and not what others wrote.

        Raises the error if SQLite has undone the whole transaction, as it does when the disk is full.
        """
        connection.execute("SAVEPOINT write")
        try:
            self.run(connection)
        except BaseException as error:
            if not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO write")
            self.error = error
        connection.execute("RELEASE write")


class Hooks(Protocol):
    """What is called on the writing thread."""

    #: After each commit.
    on_commit: Callable[[], None]
    #: After a transaction that failed: none of its writes counts.
    on_rollback: Callable[[], None]
    #: Before each write.
    on_write: Callable[[], None]
    #: After a write that was undone alone.
    on_undo: Callable[[], None]


class GroupCommit:
    """Writes in the order of their requests. While the disk is busy with some, the next ones gather.

    Nobody gets a result before it is on the disk: writes that wait anyway share one wait.
    """

    def __init__(self, hooks: Hooks, begin: Callable[[sqlite3.Connection, float], None]) -> None:
        """begin: begins a transaction; waits for other processes until then: monotonic clock, seconds."""
        self._hooks = hooks
        self._begin = begin
        self._waiting: deque[Write[Any]] = deque()

    def add(self, write: Write[Any]) -> None:
        """Adds a write. Call `run` on the writing thread once for each: it runs this one at the latest."""
        self._waiting.append(write)

    def discard(self, write: Write[Any]) -> None:
        """Takes back a write for which `run` cannot be called."""
        if write in self._waiting:
            self._waiting.remove(write)

    def run(self, connection: sqlite3.Connection) -> None:
        """Runs the writes that wait, and commits them."""
        if not self._waiting:
            return
        writes = [self._waiting.popleft()]
        try:
            self._begin_for(connection, writes)
            self._run_all(connection, writes)
            connection.execute("COMMIT")
        except BaseException as error:
            connection.rollback()
            self._hooks.on_rollback()
            for write in writes:
                write.error = write.error or error
            return
        self._hooks.on_commit()

    def _begin_for(self, connection: sqlite3.Connection, writes: list[Write[Any]]) -> None:
        """Begins a transaction. If that fails, adds the writes whose time is over too."""
        try:
            self._begin(connection, writes[0].until)
        except BaseException:
            now = time.monotonic()
            while self._waiting and self._waiting[0].until <= now:
                writes.append(self._waiting.popleft())
            raise

    def _run_all(self, connection: sqlite3.Connection, writes: list[Write[Any]]) -> None:
        """Runs the first write and those that wait behind it. writes: those that were begun."""
        if not self._waiting:
            self._hooks.on_write()
            writes[0].run(connection)
            return
        until = time.monotonic() + GATHERING_SECONDS
        self._run_one(connection, writes[0])
        while self._waiting and len(writes) < MAX_AT_ONCE and time.monotonic() < until:
            writes.append(self._waiting.popleft())
            self._run_one(connection, writes[-1])

    def _run_one(self, connection: sqlite3.Connection, write: Write[Any]) -> None:
        self._hooks.on_write()
        write.run_among_others(connection)
        if write.error is not None:
            self._hooks.on_undo()
