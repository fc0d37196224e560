"""A deliverer that is started again goes on where the one before had ended."""

import asyncio

from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, status
from tests.support.eventually import eventually


async def test_a_kill_between_delivery_and_cursor_repeats_the_event_under_its_id(
    bench: Bench, good: Consumer
) -> None:
    await bench.add(good.url)
    async with bench.delivering() as first:
        first._writer.flush = _never  # type: ignore[method-assign]  # it dies before it can write
        await bench.happen("a", 1)
        await good.until(1)
    async with bench.delivering():
        await good.until(2)

    assert good.got[0].id == good.got[1].id
    assert good.got[0].body == good.got[1].body


async def _never() -> None:
    return


async def test_what_was_delivered_does_not_come_again_after_a_restart(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", *range(60))
        await good.until(60)
    async with bench.delivering():
        await bench.happen("a", "new")
        await good.until(61)

    assert good.of("a") == [*range(60), "new"]


async def test_tries_are_counted_over_a_restart(bench: Bench, bad: Consumer) -> None:
    bad.answer = status(500)
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        await bench.tried(1)
        bench.time.advance(6)
        await bench.tried(2)
    async with bench.delivering():
        bench.time.advance(20)
        await asyncio.sleep(0.05)
        assert len(bad.got) == 2, "it waits as long as before"
        bench.time.advance(20)
        await bench.tried(3)


async def test_a_webhook_that_failed_before_a_restart_is_shown_as_failing_until_a_delivery_arrives(
    bench: Bench, good: Consumer
) -> None:
    def shown() -> tuple[float | None, ...]:
        value = bench.registry.get_sample_value
        return (
            value("motte_webhooks", {"status": "active"}),
            value("motte_webhooks", {"status": "failing"}),
            value("motte_webhook_failing_seconds"),
        )

    since = bench.time.clock.wall() - 7_200_000
    await bench.add(good.url, failing_since=since)
    async with bench.delivering():
        await eventually(lambda: _is(shown()[:2] == (0, 1)))
        assert shown()[2] == 7200
        await bench.happen("a", 1)
        await good.until(1)
        await eventually(lambda: _is(shown() == (1, 0, 0)))


async def _is(found: bool) -> bool:
    return found
