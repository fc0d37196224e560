"""What another front writes: nothing notifies a deliverer of it."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from server.webhooks.deliverer import LOOK_SECONDS
from store.ports.unit_of_work import UnitOfWork
from store.records.events import NewEvent
from store.sqlite.database import Database
from store.sqlite.store import open_store
from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer
from tests.support.eventually import eventually

#: Looks, and turns of the event loop that one of them needs at most.
LOOKS, TURNS = 10, 20


async def test_an_event_that_another_front_has_stored_is_delivered_at_the_next_look(
    bench: Bench, good: Consumer, tmp_path: Path
) -> None:
    await bench.add(good.url)
    async with bench.delivering(), open_store(tmp_path / "motte.db", boot_id="boot-1") as other:
        await bench.happen("a", 1)
        await good.until(1)
        notified = bench.notifier.count
        await other.transact("a", add_one, token=1)
        bench.time.advance(LOOK_SECONDS)
        await good.until(2)

    assert good.of("a") == [1, 2]
    assert bench.notifier.count == notified


async def test_a_deliverer_without_anything_to_do_reads_nothing(
    bench: Bench, good: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[None] = []
    read = Database.read

    async def counting(self: Database, fn: Callable[[sqlite3.Connection], object]) -> object:
        reads.append(None)
        return await read(self, fn)

    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        await good.until(1)
        await eventually(lambda: is_stored(bench))
        monkeypatch.setattr(Database, "read", counting)
        counts = []
        for _ in range(LOOKS):
            bench.time.advance(LOOK_SECONDS)
            await turn()
            await read(bench.store.database, lambda _: None)  # behind what the deliverer reads
            await turn()
            counts.append(len(reads))

    assert counts[-1] == counts[2]


async def is_stored(bench: Bench) -> bool | None:
    """Whether the delivery of the only event is on the disk."""
    lane = await bench.lane()
    return (lane is not None and lane.done == await bench.store.events.newest()) or None


async def turn() -> None:
    """Let everything happen that needs no thread."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


def add_one(unit: UnitOfWork) -> None:
    unit.add_event(NewEvent(type="message.received", at=1, data="2"))
