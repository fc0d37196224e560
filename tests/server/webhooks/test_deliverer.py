"""Deliveries: every event at least once, in the order of its session, until the webhook has it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from server.webhooks.deliverer import Deliverer
from server.webhooks.target import FAILING_AFTER
from store.records.events import EventPage
from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually


async def test_events_arrive_in_the_order_of_their_session(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2, 3)
        await bench.happen("b", 4)
        await bench.happen("a", 5)
        await good.until(5)

    assert good.of("a") == [1, 2, 3, 5]
    assert good.of("b") == [4]


async def test_an_event_is_read_once_for_all_webhooks(
    bench: Bench, good: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    page = bench.store.events.page

    async def counted(number: int, **options: Any) -> EventPage:
        nonlocal reads
        reads += 1
        return await page(number, **options)

    await bench.happen("a", "before")
    for number in range(10):
        await bench.add(good.url, f"wh_{number}")
    async with bench.delivering():
        await bench.happen("a", "first")
        await good.until(10)
        monkeypatch.setattr(bench.store.events, "page", counted)
        for number in range(20):
            await bench.happen("a", number)
            await good.until(10 * (number + 2))

    assert 20 <= reads <= 60
    assert len(good.got) == 210


async def test_a_webhook_begins_with_the_events_after_its_creation(bench: Bench, good: Consumer) -> None:
    await bench.happen("a", "before")
    await bench.add(good.url)
    await bench.happen("a", "after")
    async with bench.delivering():
        await good.until(1)

    assert good.of("a") == ["after"]


async def test_only_the_types_and_sessions_that_it_names_arrive(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url, types=("session.status",), sessions=("a",))
    async with bench.delivering():
        await bench.happen("a", "unnamed")
        await bench.happen("b", "of another", kind="session.status")
        await bench.happen("a", "wanted", kind="session.status")
        await good.until(1)

    assert [one.event["data"] for one in good.got] == ["wanted"]


async def test_a_failed_event_is_tried_again_later_and_those_behind_it_wait(
    bench: Bench, good: Consumer
) -> None:
    good.answers = [500, 503]
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2)
        await bench.tried(1)
        await bench.happen("b", 3)
        await good.until(2)
        bench.time.advance(6)
        await good.until(4)

    assert good.of("a") == [1, 1, 2] or good.of("a")[:2] == [1, 1]
    assert len({one.id for one in good.got if one.event["data"] == 1}) == 1


async def test_a_refused_event_delays_no_other_session(bench: Bench, good: Consumer) -> None:
    async def refuses_one(delivery: Delivery):  # type: ignore[no-untyped-def]
        return await status(404 if delivery.event["sessionId"] == "a" else 204)(delivery)

    good.answer = refuses_one
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", *range(10))
        await bench.tried(1)
        await bench.happen("b", *range(100, 140))
        await good.until(41)

    assert good.of("b") == [*range(100, 140)]


async def test_an_answer_410_disables_the_webhook_and_loses_nothing(bench: Bench, good: Consumer) -> None:
    good.answers = [410]
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2)

        async def disabled() -> str | None:
            found = await bench.store.webhooks.get("wh_1")
            return None if found is None else found.disabled

        assert await eventually(disabled) == "the webhook answered 410 Gone"
        assert await bench.store.webhooks.held_from() is None, "a disabled webhook holds no event"
        await bench.store.webhooks.change("wh_1", lambda webhook: replace(webhook, disabled=None))
        bench.changes.notify()
        await good.until(3)

    assert good.of("a") == [1, 1, 2]


async def test_an_answer_410_to_a_try_from_before_a_change_disables_nothing(
    bench: Bench, good: Consumer, bad: Consumer
) -> None:
    async def gone(delivery: Delivery) -> web.StreamResponse:
        await bench.store.webhooks.change("wh_1", lambda webhook: replace(webhook, url=good.url))
        bench.changes.notify()
        return await status(410)(delivery)

    bad.answer = gone
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2)
        await good.until(2)
        await bench.arrived("a")

    found = await bench.store.webhooks.get("wh_1")
    assert found is not None
    assert found.disabled is None
    assert good.of("a") == [1, 2]
    assert bad.of("a") == [1]


async def test_failures_of_the_url_before_a_change_are_not_shown_at_the_new_one(
    bench: Bench, good: Consumer, bad: Consumer
) -> None:
    release = asyncio.Event()

    async def fail(delivery: Delivery) -> web.StreamResponse:
        if len(bad.got) == FAILING_AFTER:
            await bench.store.webhooks.change("wh_1", lambda webhook: replace(webhook, url=good.url))
            bench.changes.notify()
        return await status(500)(delivery)

    async def wait(delivery: Delivery) -> web.StreamResponse:
        await release.wait()
        return await status(204)(delivery)

    bad.answer, good.answer = fail, wait
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        for times in range(1, FAILING_AFTER):
            await bench.tried(times)
            bench.time.advance(40)
        await good.until(1)
        found = await bench.store.webhooks.get("wh_1")
        release.set()
        await bench.arrived("a")

    assert found is not None
    assert found.failing_since is None


async def test_a_redirect_is_a_failure_and_is_not_followed(
    bench: Bench, bad: Consumer, good: Consumer
) -> None:
    bad.answer = status(307, Location=good.url)
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        lane = await bench.tried(1)

    assert lane.error == "HTTP 307: Motte follows no redirect"
    assert good.got == []


async def test_what_waits_is_tried_at_once_after_a_change(bench: Bench, bad: Consumer) -> None:
    """It may work now."""
    bad.answers = [500, 500]
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        await bench.tried(1)
        bench.time.advance(6)
        await bench.tried(2)
        await bench.store.webhooks.change("wh_1", lambda webhook: replace(webhook, headers={"X-Own": "1"}))
        bench.changes.notify()
        await bad.until(3)

    assert bad.got[2].headers["x-own"] == "1"


async def test_a_deleted_webhook_gets_nothing_more_while_a_delivery_is_on_its_way(
    bench: Bench, bad: Consumer
) -> None:
    release = asyncio.Event()

    async def wait(delivery: Delivery):  # type: ignore[no-untyped-def]
        await release.wait()
        return await status(204)(delivery)

    bad.answer = wait
    await bench.add(bad.url)
    async with bench.delivering() as deliverer:
        await bench.happen("a", 1, 2, 3)
        await bad.until(1)
        assert await bench.store.webhooks.delete("wh_1")
        bench.changes.notify()
        await eventually(lambda: _knows_none(deliverer))
        release.set()
        await bench.happen("a", 4)
        await asyncio.sleep(0.3)

    assert len(bad.got) == 1
    assert await bench.store.webhooks.lanes("wh_1") == []


async def _knows_none(deliverer: Deliverer) -> bool:
    return not deliverer._targets


async def test_the_last_event_of_a_deleted_session_arrives(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", "last", kind="session.deleted")
        await bench.store.sessions.delete("a", token=None)
        await good.until(1)

    assert good.of("a") == ["last"]


async def test_events_that_are_not_delivered_are_held_in_the_log(bench: Bench, bad: Consumer) -> None:
    bad.answer = status(500)
    await bench.add(bad.url)
    async with bench.delivering():
        await bench.happen("a", 1)
        await bench.tried(1)
    [event] = await bench.store.events.after(0, limit=10)

    assert await bench.store.webhooks.held_from() == event.number


async def test_a_consumer_that_fails_each_third_time_gets_everything_in_order(
    bench: Bench, bad: Consumer
) -> None:
    turn = 0

    async def two_of_three(delivery: Delivery) -> web.StreamResponse:
        nonlocal turn
        turn += 1
        return await status(503 if turn % 3 == 0 else 204)(delivery)

    bad.answer = two_of_three
    await bench.add(bad.url)
    async with bench.delivering():
        for name in ("a", "b"):
            await bench.happen(name, *range(20))

        async def all_arrived() -> bool:
            bench.time.advance(6)
            lanes = [await bench.lane(name) for name in ("a", "b")]
            newest = await bench.store.webhooks.newest()
            return all(lane is not None and lane.done == newest[lane.session_id] for lane in lanes)

        for _ in range(1000):  # the time that it turns would end `eventually` as well
            if await all_arrived():
                break
            await asyncio.sleep(0.01)

    for name in ("a", "b"):
        assert list(dict.fromkeys(bad.of(name))) == [*range(20)]
        assert bad.of(name) == sorted(bad.of(name)), "a repeated event comes before the next one"
    assert await bench.store.webhooks.count_dead() == 0
