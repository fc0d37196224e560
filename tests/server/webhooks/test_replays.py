"""Replays: events come again, and only those that the webhook may have."""

import asyncio

from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually


async def test_a_replay_brings_the_same_bytes_under_the_same_ids(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2)
        await bench.happen("b", 3)
        await good.until(3)
        await bench.arrived("a", "b")
        first = next(one for one in await bench.store.events.after(0, limit=1))
        await bench.store.webhooks.replay("wh_1", after=first.number, now=bench.time.clock.wall())
        bench.changes.notify()
        await good.until(5)

    again = {one.id: one.body for one in good.got[3:]}
    assert again == {one.id: one.body for one in good.got[:3] if one.event["data"] != 1}


async def test_a_replay_may_begin_before_the_webhook(bench: Bench, good: Consumer) -> None:
    await bench.happen("a", "before")
    await bench.add(good.url)
    async with bench.delivering():
        await bench.store.webhooks.replay("wh_1", after=0, now=bench.time.clock.wall())
        bench.changes.notify()
        await good.until(1)

    assert good.of("a") == ["before"]


async def test_what_is_on_its_way_during_a_replay_moves_no_cursor(bench: Bench, good: Consumer) -> None:
    held = asyncio.Event()

    async def wait(delivery: Delivery):  # type: ignore[no-untyped-def]
        if delivery.event["data"] == 2:
            await held.wait()
        return await status(204)(delivery)

    good.answer = wait
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2)
        await good.until(2)
        await bench.store.webhooks.replay("wh_1", after=0, now=bench.time.clock.wall())
        bench.changes.notify()
        held.set()
        await good.until(4)

    assert good.of("a") == [1, 2, 1, 2]


async def test_dead_letters_are_replayed_once_each(bench: Bench, good: Consumer) -> None:
    good.answer = status(500)
    await bench.add(good.url, give_up_after=0)
    async with bench.delivering():
        await bench.happen("a", 1)
        await bench.dead(1)
        await bench.happen("b", 2)
        await bench.dead(2)
        good.answers = [204]
        assert await bench.store.webhooks.replay_dead("wh_1") == 2
        bench.changes.notify()
        await good.until(4)

        async def only_one_is_left() -> bool:
            return [(left.tries, left.replay) for left in await bench.dead(1)] == [(2, False)]

        assert await eventually(only_one_is_left)
