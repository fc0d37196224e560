"""Sessions that are only rows: many of them, which nobody has to start."""

import sqlite3
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, closing

from server.core.clock import SystemClock
from store.records.reason import Reason
from store.records.sessions import Session, Status
from store.sqlite.store import open_store
from tests.support.motte import Motte

UNLINKED = Reason("logged-out", "the phone unlinked this device")
ASKED = Reason("asked", "the logout was asked for")
CRASHED = Reason("connector-unavailable", "the connector crashed too often")


def row(session_id: str, status: Status = Status.STOPPED, *, number: int = 0, **fields: object) -> Session:
    """A session; the higher its number, the younger it is."""
    moment = SystemClock().wall() - 86_400_000 + number * 1000
    return Session(id=session_id, status=status, created_at=moment, updated_at=moment, **fields)  # type: ignore[arg-type]


@asynccontextmanager
async def kept(motte: Motte, rows: Iterable[Session]) -> AsyncGenerator[None]:
    """These sessions exist until the block ends. Their statuses are such that no process belongs to them."""
    rows = list(rows)
    async with open_store(motte.folder.database, boot_id=SystemClock().boot_id) as store:
        for session in rows:
            await store.sessions.add(session)
    try:
        yield
    finally:
        with closing(sqlite3.connect(motte.folder.database, timeout=10)) as database, database:
            database.executemany("DELETE FROM sessions WHERE id = ?", [(session.id,) for session in rows])
