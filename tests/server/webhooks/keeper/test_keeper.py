"""The process that delivers to webhooks, as a front keeps it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from server.core.settings.model import Isolation
from tests.chaos.processes import deliverers
from tests.server.webhooks.keeper.conftest import Kept
from tests.support.consumer import Consumer
from tests.support.eventually import eventually


def said_of(pid: int, file: str) -> str:
    """What the kernel says of a process."""
    return Path(f"/proc/{pid}/{file}").read_text(errors="replace")


async def test_a_process_begins_with_the_first_webhook_and_ends_with_its_front(
    kept: Kept, good: Consumer
) -> None:
    async with kept.keeping():
        await asyncio.sleep(0.1)
        assert deliverers(kept.folder) == []

        await kept.bench.add(good.url)
        await kept.process()
        await kept.bench.happen("a", 1, 2)
        await good.until(2)

        async def is_counted() -> bool:
            return kept.metric("motte_webhook_tries_total", outcome="delivered") == 2

        await eventually(is_counted)
        assert kept.metric("motte_webhook_lag_seconds_count") == 2
        assert kept.metric("motte_webhooks", status="active") == 1
        assert kept.metric("motte_webhook_deliverer_running") == 1
        await kept.bench.happen("a", 3, 4, 5)
        await good.until(5)
    assert deliverers(kept.folder) == []
    assert kept.metric("motte_webhook_deliverer_running") == 0
    assert kept.metric("motte_webhook_deliverer_crashes_total") == 0
    lane = await kept.bench.lane("a")
    assert lane is not None
    assert lane.done >= 4, "what it has delivered is written before its end"


async def test_without_a_webhook_metrics_show_none_whatever_the_last_process_reported(kept: Kept) -> None:
    metrics = kept.bench.metrics
    metrics.show_dead(3)
    metrics.show_failing(60)
    metrics.show_webhooks(active=1, failing=1)

    async def is_none() -> bool:
        return not any(
            (
                kept.metric("motte_webhook_dead_letters"),
                kept.metric("motte_webhook_failing_seconds"),
                kept.metric("motte_webhooks", status="active"),
                kept.metric("motte_webhooks", status="failing"),
            )
        )

    async with kept.keeping():
        await eventually(is_none)


async def test_an_event_is_delivered_at_once_though_the_process_sleeps(kept: Kept, good: Consumer) -> None:
    """The notifier reaches it: it looks by itself once a second."""
    await kept.bench.add(good.url)
    loop = asyncio.get_running_loop()
    async with kept.keeping():
        await kept.bench.happen("a", 0)
        await good.until(1)
        waits = []
        for number in range(1, 6):
            await asyncio.sleep(0.05)
            began = loop.time()
            await kept.bench.happen("a", number)
            await good.until(number + 1)
            waits.append(loop.time() - began)
    assert min(waits) < 0.25


async def test_two_fronts_have_one_process_that_delivers(kept: Kept, good: Consumer) -> None:
    """The lock keeps the second one waiting, whatever started it."""
    await kept.bench.add(good.url)
    async with kept.keeping():
        await kept.bench.happen("a", 0)
        await good.until(1)
        first = await kept.process()
        async with kept.keeping():
            await kept.waits_for_lock(await kept.process(other_than=first))
            await kept.bench.happen("a", *range(1, 20))
            await good.until(20)
            await asyncio.sleep(0.3)
            assert [delivery.event["data"] for delivery in good.got] == list(range(20))
    await kept.gone()


async def test_it_sees_no_secret_and_does_what_the_settings_say(
    kept: Kept, good: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", "hidden-key")
    monkeypatch.setenv("MOTTE_PROXY", "http://user:hidden-password@proxy.example:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hidden-password@proxy.example:1")
    kept.settings = replace(kept.settings, allow_private_webhooks=False)
    await kept.bench.add(good.url, headers={"Authorization": "hidden-header"})
    await kept.bench.happen("a", 0)
    async with kept.keeping():
        lane = await kept.bench.tried(1)
        assert "no public address" in str(lane.error)
        pid = await kept.process()
        seen = said_of(pid, "cmdline") + said_of(pid, "environ")
        assert "hidden" not in seen
        assert f"MOTTE_STATE={kept.folder.path}" in seen


@pytest.mark.parametrize("isolation", list(Isolation))
async def test_it_delivers_isolated_and_not_isolated(
    kept: Kept, good: Consumer, isolation: Isolation
) -> None:
    kept.settings = replace(kept.settings, connector_isolation=isolation)
    await kept.bench.add(good.url.replace("127.0.0.1", "localhost"))  # a name is looked up
    await kept.bench.happen("a", 0)
    async with kept.keeping():
        await good.until(1)
        lines = said_of(await kept.process(), "status").splitlines()
    assert ("NoNewPrivs:\t1" in lines) == (isolation is Isolation.ON)
