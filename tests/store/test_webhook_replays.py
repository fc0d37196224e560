"""Replays of webhooks in the store."""

from dataclasses import replace
from functools import partial

from store.records.webhooks import Progress
from store.sqlite.store import SqliteStore
from store.sqlite.webhook_replays import replay
from tests.store.event_samples import happened, log
from tests.store.steps import counted
from tests.store.webhook_samples import HOOK, dead, lane


async def test_progress_from_before_a_replay_is_not_written(two: SqliteStore) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(), happened(), happened())
    await two.webhooks.keep(lane(2))

    await two.webhooks.replay("wh_1", after=1, now=50)
    late = lane(3)
    late.dead.append((dead(3), 0))
    await two.webhooks.keep(late)

    [found] = await two.webhooks.lanes("wh_1")
    assert (found.done, found.since, found.version) == (1, 50, 1)
    assert await two.webhooks.count_dead() == 0


async def test_a_replay_reaches_what_is_delivered_but_not_yet_written(two: SqliteStore) -> None:
    """The stored cursor is before the place, the one in memory is behind it."""
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(), happened(), happened())
    await two.webhooks.keep(lane(1))

    await two.webhooks.replay("wh_1", after=2, now=50)
    await two.webhooks.keep(lane(3))

    [found] = await two.webhooks.lanes("wh_1")
    assert found.done == 1


async def test_a_replay_skips_nothing_of_a_session_that_had_no_delivery(two: SqliteStore) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(), happened())

    await two.webhooks.replay("wh_1", after=1, now=50)

    [found] = await two.webhooks.lanes("wh_1")
    assert found.done == 0


async def test_a_replay_begins_no_lane_of_a_session_that_the_webhook_does_not_name(two: SqliteStore) -> None:
    await two.webhooks.add(replace(HOOK, sessions=("b",)), most=1)
    await log(two, "a", happened())
    await log(two, "b", happened())

    await two.webhooks.replay("wh_1", after=0, now=50)

    assert [one.session_id for one in await two.webhooks.lanes("wh_1")] == ["b"]


async def test_a_replay_begins_the_lanes_of_all_sessions_without_reading_all_events(two: SqliteStore) -> None:
    """The front cannot write meanwhile, and the log may have millions of events."""
    await two.webhooks.add(replace(HOOK, sessions=None), most=1)
    await log(two, "a", *[happened()] * 3000)
    await log(two, "b", happened())

    work = partial(replay, webhook_id="wh_1", after=0, now=50)
    _, steps = await two.database.write(partial(counted, work))

    assert [one.session_id for one in await two.webhooks.lanes("wh_1")] == ["a", "b"]
    assert steps < 1000


async def test_dead_letters_behind_the_place_of_a_replay_live_again(two: SqliteStore) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(), happened())
    progress = lane(2)
    progress.dead += [(dead(1), 0), (dead(2), 0)]
    await two.webhooks.keep(progress)

    await two.webhooks.replay("wh_1", after=1, now=50)

    [left] = await two.webhooks.dead("wh_1", after=0, limit=10)
    [event, _] = await two.events.after(0, limit=10)
    assert left.event_id == event.id


async def test_dead_letters_are_replayed_until_they_arrive(two: SqliteStore) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(), happened())
    progress = lane(2)
    progress.dead += [(dead(1), 0), (dead(2), 0)]
    await two.webhooks.keep(progress)

    assert await two.webhooks.replays("wh_1", limit=9) == []
    assert await two.webhooks.replay_dead("wh_1") == 2
    assert await two.webhooks.replays("wh_1", limit=9) == [dead(1), dead(2)]
    assert await two.webhooks.replays("wh_1", limit=1) == [dead(1)]
    await two.webhooks.end_replays("wh_1", version=2)
    assert await two.webhooks.replays("wh_1", limit=9) == []
    assert await two.webhooks.replay_dead("wh_1") == 2

    again = Progress(arrived=[("wh_1", 1)], dead=[(dead(2, tries=4), 0)])
    await two.webhooks.keep(again)

    assert await two.webhooks.replays("wh_1", limit=9) == []
    [left] = await two.webhooks.dead("wh_1", after=0, limit=10)
    assert left.tries == 4
