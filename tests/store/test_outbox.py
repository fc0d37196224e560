"""What waits to be sent, counted for all sessions."""

import sqlite3
from collections.abc import Callable

from store.ports import UnitOfWork
from store.records import Message, MessageStatus, OutboxTotals, SendTerms, Via
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore
from tests.store.samples import session

TERMS = SendTerms(until=1e9, until_wall=10**15, boot_id="boot-1")

BO = "4915112345678@s.whatsapp.net"


def message(number: int) -> Message:
    return Message(
        id=f"3EB0{number}",
        chat=BO,
        sender=BO,
        from_me=True,
        via=Via.API,
        kind="text",
        status=MessageStatus.QUEUED,
        queued_at=number,
        received_at=number,
    )


async def queue(store: SqliteStore, *numbers: int, session_id: str = "shop") -> None:
    def add(unit: UnitOfWork) -> None:
        for number in numbers:
            unit.outbox.add(message(number), TERMS)

    await store.transact(session_id, add, token=None)


async def settle(store: SqliteStore, *numbers: int) -> None:
    def remove(unit: UnitOfWork) -> None:
        for number in numbers:
            unit.outbox.remove(f"3EB0{number}", at=1)

    await store.transact("shop", remove, token=None)


async def test_what_waits_in_all_sessions_is_counted_with_the_moment_of_the_oldest(
    store: SqliteStore,
) -> None:
    for name in ("shop", "cafe"):
        await store.sessions.add(session(name))
    assert await store.outbox.totals() == OutboxTotals(queued=0, handed=0, oldest=None)
    await queue(store, 10, 20)
    await queue(store, 30, session_id="cafe")
    await store.transact("shop", lambda unit: unit.outbox.mark_handed("3EB020"), token=None)
    assert await store.outbox.totals() == OutboxTotals(queued=2, handed=1, oldest=10)
    await settle(store, 10)
    assert await store.outbox.totals() == OutboxTotals(queued=1, handed=1, oldest=20)


async def test_the_cost_of_the_totals_does_not_grow_with_the_messages_that_are_stored(
    store: SqliteStore, database: Database
) -> None:
    await store.sessions.add(session("shop"))
    await queue(store, 1, 2)
    before = await steps(database, store)
    await queue(store, *range(3, 2003))
    await settle(store, *range(3, 2003))
    assert await steps(database, store) <= before + 50


async def steps(database: Database, store: SqliteStore) -> int:
    """Counts the instructions of SQLite's machine that the totals take."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    await database.read(_watched(step))
    await store.outbox.totals()
    await database.read(_watched(None))
    return count


def _watched(step: Callable[[], int] | None) -> Callable[[sqlite3.Connection], None]:
    return lambda connection: connection.set_progress_handler(step, 1)
