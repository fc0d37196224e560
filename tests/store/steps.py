"""What statements cost in instructions of SQLite's virtual machine, which are the same on every host."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Steps:
    """Counts the instructions of a connection from `begin` to `end`."""

    def __init__(self) -> None:
        self.count = 0

    def begin(self, connection: sqlite3.Connection) -> None:
        connection.set_progress_handler(self._step, 1)

    def end(self, connection: sqlite3.Connection) -> None:
        connection.set_progress_handler(None, 1)

    def _step(self) -> None:
        self.count += 1


def counted(
    work: Callable[[sqlite3.Connection], Result], connection: sqlite3.Connection
) -> tuple[Result, int]:
    """Returns what `work` returns, and the instructions that it took."""
    steps = Steps()
    steps.begin(connection)
    try:
        return work(connection), steps.count
    finally:
        steps.end(connection)
