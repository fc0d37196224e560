"""Rows that were read last, in memory for as long as nobody commits."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from store.ports.memory import Memory
from store.records.keys import Key
from store.records.sessions import Session
from store.sqlite.database import Database
from store.sqlite.key_rows import read_key
from store.sqlite.session_rows import read as read_session

Row = TypeVar("Row")

#: Reads a row by its name, on the reading thread. None if there is no such row.
Read = Callable[[sqlite3.Connection, str], Row | None]

#: Rows that are kept. One more takes the place of the oldest.
MAX_ROWS = 2000


class SqliteMemory(Memory):
    """It never holds what is no longer so: each look asks SQLite whether anybody has committed.

    The version is asked for before a row is read. A commit in between makes the row newer than its version:
    it is then read once more than needed, and never too old.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        #: Of the data that the rows are of. None: it is not known, and nothing is kept.
        self._version: int | None = None
        self._rows: dict[tuple[Read[Any], str], Any] = {}
        #: Rows that are being read since the version is what it is.
        self._reads: dict[tuple[Read[Any], str], asyncio.Future[Any]] = {}

    def session(self, session_id: str) -> Session | None:
        return self._rows.get((read_session, session_id))

    def key(self, sha256_hex: str) -> Key | None:
        return self._rows.get((read_key, sha256_hex))

    def look(self) -> None:
        """Forgets all rows if anybody has committed since they were read."""
        version = self._database.data_version()
        if version is None or version != self._version:
            self._version = version
            self._rows.clear()
            self._reads.clear()

    async def get(self, read: Read[Row], name: str) -> Row | None:
        """Returns the row as it is now. Those who want the same row at once read it once.

        Raises StoreUnavailable.
        """
        self.look()
        place = (read, name)
        row: Row | None = self._rows.get(place)
        if row is not None:
            return row
        reading = self._reads.get(place)
        if reading is None:
            return await self._read(read, name)
        try:
            return await asyncio.shield(reading)
        except _NotRead:
            return await self._database.read(lambda connection: read(connection, name))

    async def _read(self, read: Read[Row], name: str) -> Row | None:
        """Reads a row for all who want it, and keeps it if nobody has looked at newer data meanwhile."""
        place, version = (read, name), self._version
        if version is None:
            return await self._database.read(lambda connection: read(connection, name))
        reading = self._reads[place] = asyncio.get_running_loop().create_future()
        try:
            row = await self._database.read(lambda connection: read(connection, name))
        except BaseException:
            reading.set_exception(_NotRead())
            reading.exception()  # marks it as retrieved: perhaps nobody else waits
            raise
        finally:
            if self._reads.get(place) is reading:
                del self._reads[place]
        reading.set_result(row)
        if row is not None and version == self._version:
            self._keep(place, row)
        return row

    def _keep(self, place: tuple[Read[Any], str], row: object) -> None:
        if len(self._rows) >= MAX_ROWS:
            del self._rows[next(iter(self._rows))]
        self._rows[place] = row


class _NotRead(Exception):
    """The read that others waited for has failed, or its request is gone: each reads for itself."""
