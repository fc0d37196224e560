"""What goes from the event log: what a session has too much of, and what is old."""

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from store.records.events import EventLimits
from store.sqlite import event_removal, event_rows
from store.sqlite.event_removal import BATCH
from store.sqlite.store import SqliteStore, open_store
from tests.store.event_samples import DAY, YEAR, happened, log
from tests.store.samples import session
from tests.store.steps import counted


async def test_a_session_may_have_so_many_events_and_one_more_costs_the_oldest(path: Path) -> None:
    removed: list[tuple[str, int]] = []
    async with open_store(
        path, boot_id="boot-1", on_events_removed=lambda *what: removed.append(what)
    ) as store:
        store.events._limits = EventLimits(number=20, bytes=2**30)
        await store.sessions.add(session("loud"))
        await store.sessions.add(session("calm"))
        await log(store, "calm", happened())
        await log(store, "loud", *[happened()] * 20)
        at_the_limit = await store.events.after(0, limit=100)
        await log(store, "loud", happened())

        kept = await store.events.after(0, limit=100)

        assert Counter(event.session_id for event in at_the_limit) == {"calm": 1, "loud": 20}
        assert Counter(event.session_id for event in kept) == {"calm": 1, "loud": 19}
        assert kept[-1].number == 22
        assert removed == [("loud", 2)]
        assert await store.events.whole_after() == await store.events.whole_after(["loud"]) == 3
        assert await store.events.whole_after(["calm"]) == 0
        assert await store.events.newest(["calm"]) == 1


async def test_a_session_may_have_so_many_bytes_of_events_and_one_more_costs_the_oldest(path: Path) -> None:
    async with open_store(path, boot_id="boot-1") as store:
        size = event_rows.ROW_BYTES + 100
        store.events._limits = EventLimits(number=1000, bytes=20 * size)
        await store.sessions.add(session())
        await log(store, "shop", *[happened("x" * 100)] * 20)
        assert len(await store.events.after(0, limit=100)) == 20

        await log(store, "shop", happened(""))

        assert (await store.events.after(0, limit=1))[0].number > 1


async def test_old_events_are_forgotten_and_held_ones_stay(two: SqliteStore) -> None:
    await log(two, "a", happened(at=1), happened(at=2), happened(at=DAY))

    assert not await two.events.forget(DAY, below=2)
    assert [event.number for event in await two.events.after(0, limit=10)] == [2, 3]
    assert await two.events.whole_after() == 1

    assert not await two.events.forget(DAY)
    assert [event.number for event in await two.events.after(0, limit=10)] == [3]
    assert await two.events.whole_after() == await two.events.whole_after(["a", "b"]) == 2
    assert await two.events.whole_after(["b"]) == 0
    assert await two.events.newest() == 3


async def test_forgetting_goes_in_steps(two: SqliteStore) -> None:
    await log(two, "a", *[happened()] * (BATCH + 1))

    assert await two.events.forget(DAY)
    assert not await two.events.forget(DAY)
    assert await two.events.after(0, limit=10) == []


async def test_events_that_a_clock_stamped_ahead_keep_no_old_event_behind_them(two: SqliteStore) -> None:
    await log(two, "a", *[happened(at=YEAR)] * (BATCH + 100))
    await log(two, "a", *[happened()] * (2 * BATCH))
    await log(two, "b", happened(at=DAY))

    while await two.events.forget(DAY):
        pass

    ahead = BATCH + 100
    left = await two.events.after(0, limit=9000)
    assert [event.number for event in left] == [*range(1, ahead + 1), ahead + 2 * BATCH + 1]
    assert await two.events.whole_after(["a"]) == ahead + 2 * BATCH
    await two.events.forget(YEAR + 1)
    assert await two.events.whole_after(["a"]) == ahead + 2 * BATCH, "it never goes back"


async def test_old_events_are_found_without_reading_the_others(two: SqliteStore) -> None:
    """The log may have millions of them."""
    await log(two, "a", *[happened(at=YEAR)] * 3000)
    await log(two, "a", happened())

    find = partial(event_removal.find_old, before=DAY, below=None)
    found, steps = await two.database.read(partial(counted, find))

    assert found == [3001]
    assert steps < 1000


async def test_numbers_grow_though_every_event_is_forgotten(two: SqliteStore) -> None:
    await log(two, "a", happened())
    await two.events.forget(DAY)
    await log(two, "a", happened())

    assert [event.number for event in await two.events.after(0, limit=10)] == [2]


async def test_of_a_deleted_session_the_log_knows_for_long_that_events_are_missing(
    two: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_removal, "MAX_EMPTY_TOTALS", 2)
    for number in range(4):
        name = f"short-{number}"
        await two.sessions.add(session(name), event=happened())
        await two.sessions.delete(name, token=1)
    await log(two, "b", happened())
    await two.events.forget(DAY)

    known = [await two.events.whole_after([f"short-{number}"]) for number in range(4)]

    assert known == [0, 0, 0, 4]
    assert await two.events.whole_after(["b"]) == 5


async def test_the_text_of_a_forgotten_event_is_in_no_page_of_the_file(path: Path) -> None:
    async with open_store(path, boot_id="boot-1") as store:
        await store.sessions.add(session())
        await log(store, "shop", happened("a very private text"))
        await store.events.forget(DAY)
    content = await asyncio.to_thread(path.read_bytes)

    assert b"a very private text" not in content
