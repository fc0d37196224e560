"""A process that delivers is killed or hangs: another one goes on."""

import asyncio
import logging
import os
import signal
import time

import pytest
from aiohttp import web

from server.webhooks import keeper
from tests.chaos.processes import deliverers
from tests.server.webhooks.keeper.conftest import Kept
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually

#: Events of the run with kills, and those whose delivery kills.
EVENTS = 60

LETHAL = {5, 15, 30, 50}


async def test_kills_in_the_middle_of_deliveries_lose_nothing_and_keep_the_order(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(keeper, "MAX_PAUSE_SECONDS", 0.01)
    taken: list[Delivery] = []
    killed: set[int] = set()

    async def kill_some(delivery: Delivery) -> web.StreamResponse:
        """Every other kill comes before the consumer has taken the event."""
        number = delivery.event["data"]
        if number in LETHAL - killed:
            killed.add(number)
            [pid] = deliverers(kept.folder)
            os.kill(pid, signal.SIGKILL)
            if len(killed) % 2:
                return await status(503)(delivery)
        taken.append(delivery)
        return await status(204)(delivery)

    good.answer = kill_some
    await kept.bench.add(good.url)
    await kept.bench.happen("a", *range(EVENTS))
    async with kept.keeping():
        await kept.bench.arrived("a")
    bodies = {delivery.id: delivery.body for delivery in taken}
    assert killed == LETHAL
    assert list(dict.fromkeys(delivery.event["data"] for delivery in taken)) == list(range(EVENTS))
    assert len(bodies) == EVENTS, "a repeated delivery has the id of the first"
    assert all(delivery.body == bodies[delivery.id] for delivery in taken)
    assert kept.metric("motte_webhook_deliverer_crashes_total") == len(killed)


async def test_the_log_says_which_process_delivers_at_first_and_after_a_kill(
    kept: Kept, good: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def lines() -> list[str]:
        said = [record.getMessage() for record in caplog.records]
        return [line for line in said if line.startswith("event=webhook_deliverer_")]

    async def says_started(pid: int) -> None:
        async def look() -> bool:
            return f"event=webhook_deliverer_started pid={pid}" in lines()

        await eventually(look)

    await kept.bench.add(good.url)
    async with kept.keeping():
        first = await kept.process()
        await says_started(first)
        os.kill(first, signal.SIGKILL)
        second = await kept.process(other_than=first)
        await says_started(second)
    assert lines() == [
        f"event=webhook_deliverer_started pid={first}",
        "event=webhook_deliverer_ended code=-9",
        f"event=webhook_deliverer_started pid={second}",
    ]


async def test_a_process_that_hangs_is_killed_and_another_one_delivers(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may stand still while it writes: then the front cannot write either."""
    monkeypatch.setattr(keeper, "SILENT_SECONDS", 2.0)
    await kept.bench.add(good.url)
    async with kept.keeping():
        await kept.bench.happen("a", 0)
        await good.until(1)
        first = await kept.process()
        os.kill(first, signal.SIGSTOP)
        await kept.bench.happen("a", 1)
        await good.until(2)
        assert await kept.process() != first
    assert "event=webhook_deliverer_silent" in caplog.text


async def test_a_front_that_stood_still_kills_no_process_that_did_not(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "SILENT_SECONDS", 1.5)
    await kept.bench.add(good.url)
    async with kept.keeping():
        await kept.bench.happen("a", 0)
        await good.until(1)
        first = await kept.process()

        async def has_reported() -> bool:
            return kept.metric("motte_webhook_deliverer_running") == 1

        await eventually(has_reported)
        asyncio.get_running_loop().call_soon(time.sleep, 1.7)  # nothing else runs meanwhile
        await asyncio.sleep(0)
        await kept.bench.happen("a", 1)
        await good.until(2)
        assert await kept.process() == first
    assert "event=webhook_deliverer_silent" not in caplog.text
    assert kept.metric("motte_webhook_deliverer_crashes_total") == 0
