"""Deliveries while the database cannot be written."""

import asyncio
from dataclasses import replace

from aiohttp import web

from server.deliverer import process
from server.webhooks.target import FAILING_AFTER
from tests.server.webhooks.conftest import BUSY, Bench, Held
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually


async def test_an_answer_410_that_cannot_be_noted_is_asked_for_again(
    bench: Bench, good: Consumer, held: Held
) -> None:
    async def gone(delivery: Delivery) -> web.StreamResponse:
        if len(good.got) == 1:
            held.begin()
        return await status(410)(delivery)

    good.answer = gone
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        await good.until(1)
        await asyncio.sleep(2 * BUSY)
        held.end()

        async def disabled() -> bool:
            found = await bench.store.webhooks.get("wh_1")
            return found is not None and found.disabled is not None

        await eventually(disabled)


async def test_a_third_failure_that_cannot_be_written_counts_and_is_shown_later(
    bench: Bench, bad: Consumer, held: Held
) -> None:
    async def fail(delivery: Delivery) -> web.StreamResponse:
        if len(bad.got) == FAILING_AFTER:
            held.begin()
        return await status(500)(delivery)

    bad.answer = fail
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        for times in range(1, FAILING_AFTER):
            await bench.tried(times)
            bench.time.advance(40)
        await bad.until(FAILING_AFTER)
        await asyncio.sleep(2 * BUSY)
        held.end()
        await bench.tried(FAILING_AFTER)

        async def is_shown() -> bool:
            found = await bench.store.webhooks.get("wh_1")
            return found is not None and found.failing_since is not None and found.failure == "HTTP 500"

        await eventually(is_shown)

    assert len(bad.got) == FAILING_AFTER


async def test_a_success_that_cannot_be_written_is_shown_later(
    bench: Bench, good: Consumer, held: Held
) -> None:
    async def hold(delivery: Delivery) -> web.StreamResponse:
        held.begin()
        return await status(204)(delivery)

    good.answer = hold
    await bench.add(good.url, failing_since=1, failure="HTTP 500")
    async with bench.delivering():
        await bench.happen("a", 1)
        await good.until(1)
        await asyncio.sleep(2 * BUSY)
        held.end()

        async def works() -> bool:
            found = await bench.store.webhooks.get("wh_1")
            return found is not None and found.failing_since is None and found.failure is None

        await eventually(works)

    assert good.of("a") == [1]


async def test_a_process_without_webhooks_ends_after_half_a_minute_and_one_that_cannot_read_them_does_not(
    bench: Bench,
) -> None:
    async with bench.delivering() as deliverer:
        await eventually(lambda: _is(deliverer.is_idle))
        idle = asyncio.create_task(process._idle(deliverer))
        await asyncio.sleep(0)
        bench.time.advance(process.IDLE_SECONDS - process.LOOK_SECONDS)
        await asyncio.sleep(0.05)
        assert not idle.done()
        await bench.time.advance_until(idle, process.LOOK_SECONDS)

        await bench.store.database.close()
        bench.changes.notify()
        await eventually(lambda: _is(not deliverer.is_idle))
        idle = asyncio.create_task(process._idle(deliverer))
        for _ in range(3):
            await asyncio.sleep(0.05)
            bench.time.advance(process.IDLE_SECONDS)
        await asyncio.sleep(0.05)
        assert not idle.done()
        idle.cancel()


async def _is(found: bool) -> bool:
    return found


async def test_what_is_on_its_way_is_not_repeated_while_nothing_can_be_written(
    bench: Bench, good: Consumer, bad: Consumer, held: Held
) -> None:
    release = asyncio.Event()

    async def wait(delivery: Delivery) -> web.StreamResponse:
        await release.wait()
        return await status(204)(delivery)

    async def change_and_hold(delivery: Delivery) -> web.StreamResponse:
        if len(bad.got) == 1:
            await bench.store.webhooks.change("wh_2", lambda webhook: replace(webhook, give_up_after=9))
            held.begin()
            bench.changes.notify()
        return await status(204)(delivery)

    good.answer, bad.answer = wait, change_and_hold
    await bench.add(good.url, sessions=("a",))
    await bench.add(bad.url, "wh_2", sessions=("b",))
    async with bench.delivering():
        await bench.happen("a", 1)
        await good.until(1)
        await bench.happen("b", 2)
        await bad.until(1)
        await asyncio.sleep(4 * BUSY)
        held.end()
        await bench.happen("b", 3)
        release.set()
        await bench.arrived("a")
        await bad.until(2)

    assert good.of("a") == [1]
    assert bad.of("b") == [2, 3]
