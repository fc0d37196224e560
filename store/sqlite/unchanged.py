"""The result of a read, in memory for as long as nobody commits."""

import sqlite3
from collections.abc import Callable
from typing import Generic, TypeVar

from store.sqlite.database import Database

Result = TypeVar("Result")


class Unchanged(Generic[Result]):
    """One read that is asked for again and again, and needs no thread while the database stays as it is.

    The version is asked for before the read. A commit in between makes the result newer than its version: it
    is then read once more than needed, and never too old.
    """

    def __init__(self, database: Database, read: Callable[[sqlite3.Connection], Result]) -> None:
        self._database = database
        self._read = read
        #: The result with its version.
        self._kept: tuple[int, Result] | None = None

    async def get(self) -> Result:
        """Returns what the read returns now. Nobody may change it. Raises StoreUnavailable."""
        version = self._database.data_version()
        if self._kept is not None and self._kept[0] == version:
            return self._kept[1]
        result = await self._database.read(self._read)
        self._kept = None if version is None else (version, result)
        return result
