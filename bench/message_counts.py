"""How many messages have come or wait, as the front's database has it: the measured processes pay nothing."""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager

from bench.stage import Stage

#: Seconds between two looks.
LOOK_AGAIN = 0.002

#: Counts what waits to be sent, and what came.
UNSENT = "SELECT COUNT(*) FROM outbox"
RECEIVED = "SELECT COUNT(*) FROM messages WHERE from_me = 0"

#: Returns the number that a query counts.
Count = Callable[[str], int]


@contextmanager
def counting(stage: Stage) -> Generator[Count]:
    """Yields what counts."""
    with closing(sqlite3.connect(f"{stage.serve.folder.database.as_uri()}?mode=ro", uri=True)) as database:
        yield lambda query: int(database.execute(query).fetchone()[0])


async def until(look: Callable[[], bool]) -> None:
    """Returns once it is so. Raises TimeoutError."""
    async with asyncio.timeout(120):
        while not look():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(LOOK_AGAIN)
