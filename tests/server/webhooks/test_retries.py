"""When an event that failed is tried again, and when it is given up."""

import asyncio

from aiohttp import web

from server.webhooks.deliverer import Deliverer
from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually

HOUR = 3600


async def test_the_waits_grow_from_seconds_to_hours_and_end_after_a_day(bench: Bench, bad: Consumer) -> None:
    bad.answer = status(500)
    await bench.add(bad.url)
    waits = []
    async with bench.delivering():
        await bench.happen("a", 1)
        for times in range(1, 100):
            await bad.until(times)
            lane = await eventually(lambda n=times: _tried_or_dead(bench, n))  # type: ignore[misc]
            if lane == "dead":
                break
            waits.append((lane.next_at - bench.time.clock.wall()) / 1000)
            bench.time.advance(waits[-1])

    expected = [5, 30, 120, 600, 1800, HOUR, 2 * HOUR]
    assert all(0.8 * want <= got <= 1.2 * want for want, got in zip(expected, waits, strict=False))
    assert all(got <= 2.4 * HOUR for got in waits)
    assert abs(sum(waits) - 24 * HOUR) < 1, "the last try comes when the event is given up"
    [letter] = await bench.dead(1)
    assert letter.error == "HTTP 500"
    assert letter.tries == len(bad.got)


async def _tried_or_dead(bench: Bench, times: int):  # type: ignore[no-untyped-def]
    if await bench.store.webhooks.dead("wh_1", after=0, limit=1):
        return "dead"
    lane = await bench.lane()
    return lane if lane is not None and lane.tries == times else None


async def test_retry_after_is_heeded_up_to_an_hour(bench: Bench, bad: Consumer) -> None:
    await bench.add(bad.url)
    async with bench.delivering():
        for times, (header, wait) in enumerate(
            [("120", 120), ("0", 30), ("999999999999", HOUR), ("tomorrow", 600), ("\u0665", 1800)], start=1
        ):
            bad.answer = status(429, Retry_After=header)
            if times == 1:
                await bench.happen("a", 1)
            lane = await bench.tried(times)
            seconds = (lane.next_at - bench.time.clock.wall()) / 1000
            assert 0.8 * wait <= seconds <= 1.2 * wait, header
            bench.time.advance(seconds)
    bad.answer = status(204)


async def test_the_lane_goes_on_behind_an_event_that_is_dead(bench: Bench, good: Consumer) -> None:
    async def refuses_one(delivery: Delivery):  # type: ignore[no-untyped-def]
        return await status(400 if delivery.event["data"] == 1 else 204)(delivery)

    good.answer = refuses_one
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2)
        await bench.tried(1)
        bench.time.advance(6)
        await bench.tried(2)
        bench.time.advance(36)
        await good.until(4)
        [letter] = await bench.dead(1)

    assert good.of("a") == [1, 1, 1, 2], "a refused event is dead after the third try"
    assert letter.error == "HTTP 400"


async def test_a_webhook_that_is_down_is_probed_by_one_lane(bench: Bench, bad: Consumer) -> None:
    names = [f"s{number}" for number in range(40)]
    await bench.sessions(*names)
    bad.answer = status(503)
    await bench.add(bad.url)
    async with bench.delivering() as deliverer:
        for name in names:
            await bench.happen(name, 1)
        await eventually(lambda: _rests(deliverer))
        before = len(bad.got)
        assert before <= 3 + 8, "the lanes at work when it went down, and no other"
        for times in (1, 2, 3):
            bench.time.advance(3 * HOUR)
            await bad.until(before + times)
            await eventually(lambda: _rests(deliverer))
            assert len(bad.got) == before + times
        bad.answer = status(204)
        bench.time.advance(3 * HOUR)
        await eventually(lambda: _delivered(bad, set(names)))

    assert all(bad.of(name)[-1] == 1 for name in names)


async def _rests(deliverer: Deliverer) -> bool:
    """Whether the webhook is down and no lane is at work."""
    target = deliverer._targets["wh_1"]
    return target.is_down and not target.working and target.probe_timer is not None


async def _delivered(consumer: Consumer, names: set[str]) -> bool:
    return {one.event["sessionId"] for one in consumer.got} >= names


async def test_an_event_is_given_up_after_the_seconds_that_the_webhook_says(
    bench: Bench, bad: Consumer
) -> None:
    bad.answer = status(500)
    await bench.add(bad.url, give_up_after=10)
    async with bench.delivering():
        await bench.happen("a", 1)
        await bench.tried(1)
        bench.time.advance(6)
        await bench.tried(2)
        bench.time.advance(4)
        await bench.dead(1)

    assert len(bad.got) == 3


async def test_all_that_is_overdue_is_given_up_with_the_first(bench: Bench, bad: Consumer) -> None:
    bad.answer = status(500)
    await bench.add(bad.url, give_up_after=10)
    async with bench.delivering():
        await bench.happen("a", *range(50))
        await bench.tried(1)
        bench.time.advance(3600)
        await bench.dead(50)

    assert len(bad.got) == 2


async def test_what_is_on_its_way_when_the_webhook_goes_down_is_not_given_up_nor_repeated(
    bench: Bench, bad: Consumer
) -> None:
    arrives = asyncio.Event()

    async def answer(delivery: Delivery) -> web.StreamResponse:
        if delivery.event["sessionId"] != "b":
            return await status(500)(delivery)
        await arrives.wait()
        return await status(204)(delivery)

    bad.answer, bad.answers = answer, [204]
    await bench.sessions("c")
    await bench.add(bad.url, give_up_after=100)
    async with bench.delivering() as deliverer:
        await bench.happen("c", 0)
        await bench.arrived("c")  # it is no new one any more, which would have one lane
        await bench.happen("b", 2, 3, 4, 5)
        await bench.happen("a", 1)
        await bench.tried(1)
        bench.time.advance(6)
        await bench.tried(2)
        bench.time.clock.step_wall(200)
        await bench.happen("c", 6)
        await bench.tried(1, "c")
        [letter] = await bench.dead(1)
        assert deliverer._targets["wh_1"].is_down
        arrives.set()
        bench.time.advance(1)
        await bench.arrived("b")

    assert letter.session_id == "a"
    assert bad.of("b") == [2, 3, 4, 5]
    assert await bench.store.webhooks.count_dead() == 1


async def test_an_old_event_that_was_never_tried_is_tried_once(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url)
    await bench.happen("a", 1)
    bench.time.advance(30 * HOUR)
    async with bench.delivering():
        await good.until(1)
