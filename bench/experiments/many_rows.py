"""Many sessions that do not run: what their rows in the database cost."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

from bench.rows import Row, Samples
from bench.stage import Stage, opened
from bench.timing import timed
from store.records.sessions import Session, Status
from store.sqlite.session_rows import insert
from tests.capacity.census import Census

ROWS = (
    Row(
        name="create-1000-rows",
        what="create to 201 with a QR, as the thousandth session",
        unit="ms",
        direction="at-most",
        goal=1.1,
        against="the same as the fifth session",
    ),
    Row(
        name="front-10000-rows",
        what="PSS of the front with 10,000 sessions, once all of them were listed",
        unit="MiB",
        direction="at-most",
        goal=60,
    ),
)

BUDGET = 25

#: A new installation may have 1,000 sessions.
FEW, MANY, MOST = 5, 1_000, 10_000

ROUNDS = 9

#: Sessions of one page, the most that there may be.
PAGE: dict[str, Any] = {"limit": "200"}


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    async with opened() as many, opened() as few:
        await _fill(few, FEW - 1)
        await _fill(many, MANY - 1)
        for _ in range(ROUNDS):
            samples.add_baseline("create-1000-rows", await _create(few))
            samples.add("create-1000-rows", await _create(many))
        await _fill(many, MOST, first=MANY)
        await _list(many)
        samples.add("front-10000-rows", Census.take(many.serve.folder).pss("front"))


async def _fill(stage: Stage, number: int, *, first: int = 1) -> None:
    """Adds stopped sessions to the database until there are so many. Motte does not run meanwhile."""
    await asyncio.to_thread(stage.serve.stop)
    with closing(sqlite3.connect(stage.serve.folder.database)) as database, database:
        for moment in range(first, number + 1):
            session = Session(id=f"row-{moment}", status=Status.STOPPED, created_at=moment, updated_at=moment)
            assert insert(database, session, token=moment)
    await stage.motte.ready()


async def _create(stage: Stage) -> float:
    await stage.rests()
    span = await timed(stage.motte.create("shop"))
    await stage.motte.delete("shop")
    return span


async def _list(stage: Stage) -> None:
    """Reads every page."""
    params = PAGE
    while True:
        page = (await stage.motte.ask("GET", "/sessions", params=params)).body
        if page["nextCursor"] is None:
            return
        params = PAGE | {"cursor": page["nextCursor"]}
