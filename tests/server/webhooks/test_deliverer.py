"""Deliveries: every event at least once, in the order of its session, until the webhook has it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from server.webhooks.deliverer import Deliverer
from store.records.events import EventPage
from tests.server.webhooks.conftest import Bench
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually

HOUR = 3600


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
        bench.changes.ring()
        await good.until(3)

    assert good.of("a") == [1, 1, 2]


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
        bench.changes.ring()
        await bad.until(3)

    assert bad.got[2].headers["x-own"] == "1"


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
        bench.changes.ring()
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


async def test_a_replay_brings_the_same_bytes_under_the_same_ids(bench: Bench, good: Consumer) -> None:
    await bench.add(good.url)
    async with bench.delivering():
        await bench.happen("a", 1, 2)
        await bench.happen("b", 3)
        await good.until(3)
        await bench.arrived("a", "b")
        first = next(one for one in await bench.store.events.after(0, limit=1))
        await bench.store.webhooks.replay("wh_1", after=first.number, now=bench.time.clock.wall())
        bench.changes.ring()
        await good.until(5)

    again = {one.id: one.body for one in good.got[3:]}
    assert again == {one.id: one.body for one in good.got[:3] if one.event["data"] != 1}


async def test_a_replay_may_begin_before_the_webhook(bench: Bench, good: Consumer) -> None:
    await bench.happen("a", "before")
    await bench.add(good.url)
    async with bench.delivering():
        await bench.store.webhooks.replay("wh_1", after=0, now=bench.time.clock.wall())
        bench.changes.ring()
        await good.until(1)

    assert good.of("a") == ["before"]


async def assert_a_replay_brings_the_second_alone(bench: Bench, good: Consumer) -> None:
    """The session that has the id now has one event, which comes twice; nothing comes of the one before."""
    async with bench.delivering():
        await bench.happen("a", "of the second")
        await good.until(1)
        await bench.arrived("a")
        await bench.store.webhooks.replay("wh_1", after=0, now=bench.time.clock.wall())
        bench.changes.ring()
        await good.until(2)

    assert good.of("a") == ["of the second", "of the second"]


async def test_a_replay_brings_nothing_of_a_session_that_was_deleted_before_the_webhook(
    bench: Bench, good: Consumer
) -> None:
    await bench.happen("a", "of the first")
    await bench.store.sessions.delete("a", token=None)
    await bench.add(good.url)
    await bench.sessions("a")
    await assert_a_replay_brings_the_second_alone(bench, good)


async def test_a_webhook_that_was_there_gets_the_end_of_a_deleted_session_before_the_next_one(
    bench: Bench, good: Consumer
) -> None:
    await bench.add(good.url)
    await bench.happen("a", "of the first")
    await bench.store.sessions.delete("a", token=None)
    await bench.sessions("a")
    await bench.happen("a", "of the second")
    async with bench.delivering():
        await good.until(2)

    assert good.of("a") == ["of the first", "of the second"]


async def test_a_webhook_that_was_read_before_an_id_was_given_again_brings_nothing_of_the_other_session(
    bench: Bench, good: Consumer
) -> None:
    """The key is gone; the deliverer looks for changed webhooks once a second."""
    await bench.add(good.url, sessions=("a", "b"), maker="1 gone")
    async with bench.delivering() as deliverer:
        await bench.happen("a", "of the first")
        await good.until(1)
        deliverer._look_at = float("inf")
        await bench.happen("a", "end", kind="session.deleted")
        await bench.store.sessions.delete("a", token=None)
        await bench.sessions("a")
        await bench.happen("a", "of the second")
        await bench.happen("b", "of b")
        await good.until(3)

    assert good.of("a") == ["of the first", "end"]
    assert good.of("b") == ["of b"]


async def test_a_webhook_whose_key_exists_goes_on_with_the_next_session_of_the_id(
    bench: Bench, good: Consumer
) -> None:
    await bench.store.keys.add("tenant", "0" * 64, ["webhooks"], 1, sessions=["a"])
    await bench.add(good.url, sessions=("a",), types=("message.received",), maker="1 tenant")
    async with bench.delivering() as deliverer:
        await bench.happen("a", "of the first")
        await good.until(1)
        deliverer._look_at = float("inf")
        await bench.happen("a", "end", kind="session.deleted")
        await bench.store.sessions.delete("a", token=None)
        await bench.sessions("a")
        await bench.happen("a", "of the second")
        await good.until(2)

    assert good.of("a") == ["of the first", "of the second"]


async def test_a_replay_brings_nothing_of_a_session_that_had_the_id_before_it_was_named(
    bench: Bench, good: Consumer
) -> None:
    await bench.add(good.url, sessions=("b",))
    await bench.happen("a", "of the first")
    await bench.store.sessions.delete("a", token=None)
    await bench.sessions("a")
    await bench.store.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=("a",)))
    await assert_a_replay_brings_the_second_alone(bench, good)


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
        bench.changes.ring()
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
        bench.changes.ring()
        await good.until(4)

        async def only_one_is_left() -> bool:
            return [(left.tries, left.replay) for left in await bench.dead(1)] == [(2, False)]

        assert await eventually(only_one_is_left)


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
