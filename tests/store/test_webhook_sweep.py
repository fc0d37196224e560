"""What is swept of webhooks, and what the log keeps for them."""

from dataclasses import replace
from functools import partial

import pytest

from store.records.webhooks import Lane, Progress
from store.sqlite import webhook_sweep
from store.sqlite.store import SqliteStore
from store.sqlite.webhook_sweep import end_some_replays
from tests.store.event_samples import happened, log
from tests.store.webhook_samples import HOOK, dead, lane, statements


async def test_what_the_log_has_forgotten_is_swept(two: SqliteStore) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(at=1))
    progress = lane(1)
    progress.dead.append((dead(1), 0))
    await two.webhooks.keep(progress)
    await two.webhooks.sweep()
    assert await two.webhooks.count_dead() == 1

    await two.events.forget(2)
    await two.webhooks.sweep()

    assert await two.webhooks.count_dead() == 0
    assert await two.webhooks.lanes("wh_1") == []


async def test_sweeps_and_ended_replays_leave_the_lock_to_others_after_some_rows(
    two: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sweep, "BATCH", 2)
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", *(happened(at=1) for _ in range(5)))
    progress = lane(5)
    progress.dead += [(dead(number), 0) for number in range(1, 6)]
    await two.webhooks.keep(progress)
    assert await two.webhooks.replay_dead("wh_1") == 5

    async with statements(two) as ended:
        await two.webhooks.end_replays("wh_1", version=3)
    assert await two.webhooks.replays("wh_1", limit=9) == []
    assert ended.count("BEGIN IMMEDIATE") == 4  # the last one finds nothing

    await two.events.forget(2)
    async with statements(two) as swept:
        await two.webhooks.sweep()
    assert await two.webhooks.count_dead() == 0
    assert await two.webhooks.lanes("wh_1") == []
    assert swept.count("BEGIN IMMEDIATE") == 4  # three for letters, one for the lane


async def test_a_deletion_leaves_the_lock_to_others_after_some_dead_letters(
    two: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sweep, "BATCH", 2)
    await two.webhooks.add(HOOK, most=2)
    await two.webhooks.add(replace(HOOK, id="wh_2"), most=2)
    await log(two, "a", *[happened()] * 5)
    progress = lane(5)
    progress.lanes["wh_2", "a"] = Lane(webhook_id="wh_2", session_id="a", done=5)
    progress.dead += [(dead(number), 0) for number in range(1, 6)]
    progress.dead += [(dead(number, webhook_id="wh_2"), 0) for number in range(1, 6)]
    await two.webhooks.keep(progress)

    async with statements(two) as deleted:
        assert await two.webhooks.delete("wh_1")

    assert deleted.count("BEGIN IMMEDIATE") == 3
    assert await two.webhooks.count_dead() == 5
    assert list(await two.webhooks.versions()) == ["wh_2"]


async def test_replays_that_are_requested_while_others_are_ended_are_kept(
    two: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sweep, "BATCH", 2)
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", *[happened()] * 5)
    progress = lane(5)
    progress.dead += [(dead(number), 0) for number in range(1, 6)]
    await two.webhooks.keep(progress)
    assert await two.webhooks.replay_dead("wh_1") == 5
    await two.database.write(partial(end_some_replays, webhook_id="wh_1", version=3, after=0))
    assert len(await two.webhooks.replays("wh_1", limit=9)) == 3

    assert await two.webhooks.replay_dead("wh_1") == 5
    await two.webhooks.end_replays("wh_1", version=3)
    await two.webhooks.keep(Progress(failed_again=[(dead(1, tries=4), 3)]))

    assert len(await two.webhooks.replays("wh_1", limit=9)) == 5
    await two.webhooks.keep(Progress(failed_again=[(dead(1, tries=5), 5)]))
    assert [letter.event for letter in await two.webhooks.replays("wh_1", limit=9)] == [2, 3, 4, 5]
    assert [letter.tries for letter in await two.webhooks.dead("wh_1", after=0, limit=1)] == [5]


async def test_a_sweep_leaves_what_is_not_gone(two: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_sweep, "BATCH", 1)
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(at=1), happened(at=9), happened(at=1), happened(at=9))
    progress = lane(4)
    progress.dead += [(dead(number), 0) for number in range(1, 5)]
    await two.webhooks.keep(progress)
    await two.events.forget(2)

    await two.webhooks.sweep()

    assert await two.webhooks.count_dead() == 2
    assert len(await two.webhooks.dead("wh_1", after=0, limit=9)) == 2
    [left] = await two.webhooks.lanes("wh_1")
    assert left.done == 4


async def test_the_log_is_held_for_what_is_not_delivered_or_dead(two: SqliteStore) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(), happened(), happened())

    await two.webhooks.keep(lane(2))
    assert await two.webhooks.held_from() == 3

    progress = lane(3)
    progress.dead.append((dead(2), 0))
    await two.webhooks.keep(progress)
    assert await two.webhooks.held_from() == 2

    await two.webhooks.keep(Progress(arrived=[("wh_1", 2)]))
    assert await two.webhooks.held_from() is None


async def test_dead_letters_of_a_webhook_that_is_disabled_or_has_left_the_session_hold_no_event(
    two: SqliteStore,
) -> None:
    await two.webhooks.add(HOOK, most=2)
    await two.webhooks.add(replace(HOOK, id="wh_2"), most=2)
    await log(two, "a", happened(), happened())
    progress = lane(2)
    progress.lanes["wh_2", "a"] = Lane(webhook_id="wh_2", session_id="a", done=2)
    progress.dead += [(dead(1), 0), (dead(2, webhook_id="wh_2"), 0)]
    await two.webhooks.keep(progress)
    assert await two.webhooks.held_from() == 1

    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, disabled="a caller disabled it"))
    assert await two.webhooks.held_from() == 2

    await two.webhooks.change("wh_2", lambda webhook: replace(webhook, sessions=("b",)))
    assert await two.webhooks.held_from() is None
    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, disabled=None))
    assert await two.webhooks.held_from() == 1


async def test_the_log_is_held_for_a_session_of_which_nothing_was_delivered_yet(two: SqliteStore) -> None:
    """A webhook that is down has tried few sessions: the others have no lane in the store."""
    await two.webhooks.add(replace(HOOK, sessions=("a",)), most=1)
    await log(two, "b", happened(at=1))
    assert await two.webhooks.held_from() is None, "it does not want this session"

    await log(two, "a", happened(at=1), happened(at=1))

    assert await two.webhooks.held_from() == 2
    await two.events.forget(2, below=2)
    assert [event.number for event in await two.events.after(0, limit=10)] == [2, 3]
    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, disabled="a caller disabled it"))
    assert await two.webhooks.held_from() is None
