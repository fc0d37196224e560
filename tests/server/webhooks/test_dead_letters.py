"""Dead letters: many of them are given up and replayed, a part at a time."""

import asyncio

import pytest
from aiohttp import web

from server.webhooks import deliverer, target
from server.webhooks.progress_writer import MAX_GATHERED
from store.records.webhooks import DeadLetter, Lane, Progress
from tests.server.webhooks.conftest import BUSY, Bench, Held
from tests.support.consumer import Consumer, Delivery, status
from tests.support.eventually import eventually

#: Dead letters that a webhook of these tests has in memory.
FEW = 3


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (target, deliverer):
        monkeypatch.setattr(module, "MAX_REPLAYS", FEW)


async def have_dead(bench: Bench, *names: str) -> None:
    """Gives the webhook a dead letter to replay for each name of a session."""
    progress = Progress()
    for number, name in enumerate(names, start=1):
        await bench.happen(name, number)
        letter = DeadLetter(webhook_id="wh_1", event=number, session_id=name, tries=1, error="", at=1)
        progress.lanes["wh_1", name] = Lane(webhook_id="wh_1", session_id=name, done=number)
        progress.dead.append((letter, 0))
    await bench.store.webhooks.keep(progress)
    assert await bench.store.webhooks.replay_dead("wh_1") == len(names)


@pytest.mark.usefixtures("few")
async def test_dead_letters_are_replayed_a_part_at_a_time_until_none_is_left(
    bench: Bench, good: Consumer
) -> None:
    most = 0

    async def look(delivery: Delivery) -> web.StreamResponse:
        nonlocal most
        lanes = running._targets["wh_1"].lanes.values()
        most = max(most, sum(len(lane.replays) for lane in lanes))
        return await status(204)(delivery)

    good.answer = look
    await bench.add(good.url)
    await have_dead(bench, *["a", "b"] * 5)
    async with bench.delivering() as running:

        async def none_is_dead() -> bool:
            return await bench.store.webhooks.count_dead() == 0

        await eventually(none_is_dead)

    assert sorted(one.event["data"] for one in good.got) == [*range(1, 11)]
    assert most <= FEW
    assert good.of("a") == sorted(good.of("a"))


@pytest.mark.usefixtures("few")
async def test_dead_letters_that_fail_again_end_the_replay_of_those_that_were_not_read_yet(
    bench: Bench, bad: Consumer
) -> None:
    bad.answer = status(500)
    await bench.add(bad.url)
    await have_dead(bench, *["a"] * 10)
    async with bench.delivering():

        async def none_is_replayed() -> bool:
            return not await bench.store.webhooks.replays("wh_1", limit=1)

        await eventually(none_is_replayed)
        await bench.dead(10)

    assert len(bad.got) == target.FAILING_AFTER


async def test_one_more_try_that_is_requested_while_a_letter_fails_again_is_made(
    bench: Bench, bad: Consumer
) -> None:
    async def request_another(delivery: Delivery) -> web.StreamResponse:
        if len(bad.got) > 1:
            return await status(204)(delivery)
        assert await bench.store.webhooks.replay_dead("wh_1") == 1
        bench.changes.notify()
        return await status(500)(delivery)

    bad.answer = request_another
    await bench.add(bad.url)
    await have_dead(bench, "a")
    async with bench.delivering():
        await bad.until(2)

        async def none_is_dead() -> bool:
            return await bench.store.webhooks.count_dead() == 0

        await eventually(none_is_dead)


async def test_a_replay_that_fails_while_nothing_can_be_written_ends_later(
    bench: Bench, bad: Consumer, held: Held
) -> None:
    async def fail(delivery: Delivery) -> web.StreamResponse:
        if len(bad.got) == target.FAILING_AFTER:
            held.begin()
        return await status(500)(delivery)

    bad.answer = fail
    await bench.add(bad.url)
    await have_dead(bench, *["a"] * 5)
    async with bench.delivering():
        await bad.until(target.FAILING_AFTER)
        await asyncio.sleep(4 * BUSY)
        held.end()

        async def none_is_replayed() -> bool:
            return not await bench.store.webhooks.replays("wh_1", limit=1)

        await eventually(none_is_replayed)

    assert await bench.store.webhooks.count_dead() == 5


async def test_many_events_are_given_up_in_small_transactions(
    bench: Bench, bad: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, sizes = bench.store.webhooks.keep, []

    async def measured(progress: Progress) -> None:
        sizes.append(len(progress))
        await keep(progress)

    monkeypatch.setattr(bench.store.webhooks, "keep", measured)
    bad.answer = status(500)
    await bench.add(bad.url, give_up_after=10)
    async with bench.delivering():
        await bench.happen("a", *range(1000))
        await bench.tried(1)
        bench.time.clock.step_wall(3600)
        bench.time.advance(6)

        async def all_are_dead() -> bool:
            return await bench.store.webhooks.count_dead() == 1000

        await eventually(all_are_dead)

    assert max(sizes) <= 6 * MAX_GATHERED


async def test_dead_letters_of_several_sessions_that_fail_again_together_stay_dead(
    bench: Bench, bad: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    names = ["a", "b", *(f"s{number}" for number in range(4))]
    await bench.sessions(*names[2:])
    await bench.add(bad.url)
    await have_dead(bench, *names)
    all_came = asyncio.Event()

    async def together(delivery: Delivery) -> web.StreamResponse:
        if len(bad.got) == len(names):
            all_came.set()
        await all_came.wait()
        return await status(500)(delivery)

    bad.answer = together
    async with bench.delivering():

        async def each_failed_again() -> bool:
            letters = await bench.store.webhooks.dead("wh_1", after=0, limit=9)
            return [letter.tries for letter in letters] == [2] * len(names)

        await eventually(each_failed_again)
        assert await bench.store.webhooks.replays("wh_1", limit=1) == []

    assert "webhook_delivery_failed" not in caplog.text
