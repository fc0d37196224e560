"""A webhook that gets another URL: what its first server answered does not count at the next one."""

from dataclasses import replace

from aiohttp import web

from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, Delivery, status


async def test_another_url_may_refuse_an_event_three_times_whatever_the_first_one_did(
    bench: Bench, bad: Consumer, good: Consumer
) -> None:
    bad.answer, good.answers = status(400), [400, 400]
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        await bench.tried(1)
        bench.time.advance(6)
        await bench.tried(2)

        await _move(bench, good.url)
        await good.until(1)
        await bench.tried(1)
        bench.time.advance(6)
        await bench.tried(2)
        bench.time.advance(36)
        await bench.arrived("a")

    assert (bad.of("a"), good.of("a")) == ([1, 1], [1, 1, 1])
    assert await bench.store.webhooks.count_dead() == 0


async def test_an_event_that_is_on_its_way_when_the_url_changes_is_judged_by_the_new_server(
    bench: Bench, bad: Consumer, good: Consumer
) -> None:
    async def change_and_refuse(delivery: Delivery) -> web.StreamResponse:
        await _move(bench, good.url)
        return await status(400)(delivery)

    bad.answer = change_and_refuse
    await bench.add(bad.url, give_up_after=0)
    async with bench.delivering():
        await bench.happen("a", 1)
        await good.until(1)
        await bench.arrived("a")

    assert (bad.of("a"), good.of("a")) == ([1], [1])
    assert await bench.store.webhooks.count_dead() == 0


async def _move(bench: Bench, url: str) -> None:
    await bench.store.webhooks.change("wh_1", lambda webhook: replace(webhook, url=url))
    bench.changes.notify()
