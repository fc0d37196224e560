"""Deliveries while the clock is set, many webhooks never answer, or the log removes events."""

import asyncio
import logging
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from aiohttp import web

from server.webhooks import deliverer
from server.webhooks.slots import MAX_NEW_SLOTS
from server.webhooks.target import MAX_LANES, SLOW_SECONDS
from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, Delivery, consumer, status
from tests.support.eventually import eventually

YEAR = 366 * 86_400


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
