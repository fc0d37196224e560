"""How many messages have come or wait, as the front's database has it: the measured processes pay nothing."""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager

from bench.stage import Stage

#: Seconds between two looks.
LOOK_AGAIN = 0.002


class Counts:
    """Counts of one database. A look takes a core from what is measured, so it reads only what is new."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        #: Messages that came, and the number of the last message that was looked at.
        self._received, self._last = 0, 0

    def unsent(self) -> int:
        """Returns how many messages wait to be sent."""
        (number,) = self._database.execute("SELECT COUNT(*) FROM outbox").fetchone()
        return int(number)

    def received(self) -> int:
        """Returns how many messages have come. None is removed meanwhile."""
        came, last = self._database.execute(
            """
            SELECT COUNT(*) FILTER (WHERE from_me = 0), MAX(number)
            FROM messages
            WHERE number > ?
            """,
            (self._last,),
        ).fetchone()
        self._received += came
        self._last = last or self._last
        return self._received


@contextmanager
def counting(stage: Stage) -> Generator[Counts]:
    """Yields what counts."""
    with closing(sqlite3.connect(f"{stage.serve.folder.database.as_uri()}?mode=ro", uri=True)) as database:
        yield Counts(database)


async def until(look: Callable[[], bool]) -> None:
    """Returns once it is so. Raises TimeoutError."""
    async with asyncio.timeout(120):
        while not look():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(LOOK_AGAIN)
