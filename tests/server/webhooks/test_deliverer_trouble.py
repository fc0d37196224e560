"""Deliveries while the database cannot be written, the clock is set, or many webhooks never answer."""

import asyncio
import logging
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from server.deliverer import process
from server.webhooks import deliverer
from server.webhooks.slots import MAX_NEW_SLOTS
from server.webhooks.target import FAILING_AFTER, MAX_LANES, SLOW_SECONDS
from tests.server.webhooks.conftest import BUSY, Bench, Held
from tests.support.consumer import Consumer, Delivery, consumer, status
from tests.support.eventually import eventually

YEAR = 366 * 86_400


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


async def test_new_webhooks_that_never_answer_delay_no_other_one(bench: Bench, good: Consumer) -> None:
    """Twenty of them, with an event in each of eight lanes, would fill all slots for fifteen seconds."""
    names = [f"s{number}" for number in range(MAX_LANES)]
    await bench.sessions(*names)
    over = asyncio.Event()

    async def never(delivery: Delivery) -> web.StreamResponse:
        await over.wait()
        return await status(204)(delivery)

    async with consumer() as dead:
        dead.answer = never
        for number in range(20):
            await bench.add(dead.url, f"wh_dead_{number:02}")
        await bench.add(good.url, "wh_good")
        async with bench.delivering():
            for number in range(3):
                for name in names:
                    await bench.happen(name, number)
            began = time.monotonic()
            await good.until(3 * len(names))
            took = time.monotonic() - began
            over.set()

    assert took < 5
    assert len(dead.got) >= 20, "each of them had its try"


async def test_a_hundred_new_webhooks_that_never_answer_delay_another_new_one_for_seconds(
    bench: Bench, good: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliverer, "LOOK_SECONDS", 3600.0)
    over = asyncio.Event()

    async def never(delivery: Delivery) -> web.StreamResponse:
        await over.wait()
        return await status(204)(delivery)

    async with consumer() as dead:
        dead.answer = never
        for number in range(100):
            await bench.add(dead.url, f"wh_dead_{number:03}")
        await bench.add(good.url, "wh_good")
        async with bench.delivering():
            await bench.happen("a", 1)
            began = time.monotonic()
            try:
                for begun in range(MAX_NEW_SLOTS, 100, MAX_NEW_SLOTS):
                    await dead.until(begun)
                    bench.time.advance(SLOW_SECONDS + 0.01)
                await good.until(1)
            finally:
                over.set()

    assert time.monotonic() - began < 15, "no look by chance was waited for"


async def test_a_wall_clock_that_is_set_back_makes_no_event_wait(bench: Bench, bad: Consumer) -> None:
    bad.answers = [500]
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        await bench.tried(1)
        bench.time.clock.step_wall(-YEAR)
        bench.time.advance(7)
        await bad.until(2)
        await bench.arrived("a")


async def test_after_a_wall_clock_that_was_set_back_a_new_front_waits_hours_at_most(
    bench: Bench, bad: Consumer
) -> None:
    bad.answers = [500]
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        await bench.tried(1)
    bench.time.clock.step_wall(-YEAR)
    async with bench.delivering():
        await asyncio.sleep(0.05)
        bench.time.advance(3 * 3600)
        await bad.until(2)
        await bench.arrived("a")


async def test_a_wall_clock_that_is_set_forward_loses_nothing(bench: Bench, bad: Consumer) -> None:
    """Its events seem old: they are dead, and can be replayed."""
    bad.answer = status(500)
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2)
        await bench.tried(1)
        bench.time.clock.step_wall(YEAR)
        bench.time.advance(7)
        await bench.dead(2)
        bad.answer = status(204)
        assert await bench.store.webhooks.replay_dead("wh_1") == 2
        bench.changes.notify()

        async def none_is_dead() -> bool:
            return await bench.store.webhooks.count_dead() == 0

        await eventually(none_is_dead)

    assert bad.of("a")[-2:] == [1, 2]


@contextmanager
def warnings(caplog: pytest.LogCaptureFixture) -> Generator[list[str]]:
    """The log events of the block."""
    found: list[str] = []
    with caplog.at_level(logging.WARNING):
        yield found
    found += [record.getMessage() for record in caplog.records]


async def test_events_that_the_log_removed_before_they_were_delivered_are_reported_once(
    bench: Bench, bad: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    bad.answer = status(500)
    await bench.add(bad.url)
    with warnings(caplog) as lines:
        async with bench.delivering():
            await bench.happen("a", 1, 2)
            await bench.tried(1)
            while await bench.store.events.forget(bench.time.clock.wall() + 1):
                pass
            await bench.happen("a", 3, 4)
            bad.answer = status(204)
            bench.time.advance(7)
            await bad.until(3)
            await bench.arrived("a")

    assert bad.of("a") == [1, 3, 4]
    assert bench.registry.get_sample_value("motte_webhook_gaps_total") == 1
    assert sum("webhook_events_removed" in line for line in lines) == 1


async def test_events_that_were_delivered_and_removed_are_no_gap(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url)
    async with bench.delivering() as deliverer:
        await bench.happen("a", 1)
        await good.until(1)
        await bench.arrived("a")
        while await bench.store.events.forget(bench.time.clock.wall() + 1):
            pass
        await bench.store.webhooks.sweep()
        deliverer._forget(await bench.store.webhooks.newest())
        await bench.happen("a", 2)
        await good.until(2)

    assert good.of("a") == [1, 2]
    assert bench.registry.get_sample_value("motte_webhook_gaps_total") == 0
