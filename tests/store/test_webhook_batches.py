"""Replays of many dead letters: some in each transaction, and what is left if the process ends in between."""

from dataclasses import replace
from functools import partial

import pytest

from store.sqlite import webhook_names, webhook_sweep
from store.sqlite.store import SqliteStore
from store.sqlite.webhook_replays import replay
from store.sqlite.webhook_sweep import remove_revived, request_some_replays
from tests.store.event_samples import happened, log
from tests.store.samples import session
from tests.store.webhook_samples import HOOK, dead, lane, statements


@pytest.fixture
async def many(two: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> SqliteStore:
    """A store whose webhook has five dead letters, of which a transaction handles two."""
    monkeypatch.setattr(webhook_sweep, "BATCH", 2)
    monkeypatch.setattr(webhook_names, "BATCH", 2)
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", *[happened()] * 6)
    progress = lane(6)
    progress.dead += [(dead(number), 0) for number in range(1, 6)]
    await two.webhooks.keep(progress)
    return two


async def requested(store: SqliteStore) -> list[int]:
    return [letter.event for letter in await store.webhooks.replays("wh_1", limit=9)]


async def test_a_replay_leaves_the_lock_to_others_after_some_dead_letters(many: SqliteStore) -> None:
    async with statements(many) as replayed:
        await many.webhooks.replay("wh_1", after=1, now=50)

    assert [letter.event_id for letter in await many.webhooks.dead("wh_1", after=0, limit=9)] == [
        event.id for event in await many.events.after(0, limit=1)
    ]
    assert replayed.count("BEGIN IMMEDIATE") == 4  # one for the lanes


async def test_a_replay_that_was_cut_off_delivers_all_and_the_next_sweep_removes_what_it_left(
    many: SqliteStore,
) -> None:
    await many.database.write(partial(replay, webhook_id="wh_1", after=1, now=50))
    await many.database.write(partial(remove_revived, webhook_id="wh_1", after=1))
    assert await many.webhooks.count_dead() == 3

    assert [one.done for one in await many.webhooks.lanes("wh_1")] == [1]
    assert await many.webhooks.versions() == {"wh_1": 2}, "the deliverer reads the lanes again"
    await many.webhooks.sweep()
    assert await many.webhooks.count_dead() == 1


async def test_what_dies_again_while_a_replay_removes_dead_letters_stays_dead(many: SqliteStore) -> None:
    await many.database.write(partial(replay, webhook_id="wh_1", after=0, now=50))
    [letter] = await many.database.read(partial(webhook_sweep.find_gone_letters, after=("wh_1", 4)))
    again = lane(5, version=1)
    again.dead += [(dead(5, tries=1), 1)]
    await many.webhooks.keep(again)

    await many.database.write(partial(webhook_sweep.remove_letters, letters=[letter]))
    await many.database.write(partial(remove_revived, webhook_id="wh_1", after=0))
    await many.webhooks.sweep()

    found = await many.webhooks.dead("wh_1", after=4, limit=9)
    assert [one.tries for one in found] == [1]


async def test_a_replay_of_dead_letters_leaves_the_lock_to_others_after_some(many: SqliteStore) -> None:
    async with statements(many) as written:
        assert await many.webhooks.replay_dead("wh_1") == 5

    assert await requested(many) == [1, 2, 3, 4, 5]
    assert written.count("BEGIN IMMEDIATE") == 3


async def test_a_request_of_replays_that_was_cut_off_holds_for_some_and_can_be_made_again(
    many: SqliteStore,
) -> None:
    await many.database.write(partial(request_some_replays, webhook_id="wh_1", after=0))

    assert await requested(many) == [1, 2]
    assert await many.webhooks.versions() == {"wh_1": 2}, "the deliverer tries those"
    assert await many.webhooks.replay_dead("wh_1") == 5
    assert await requested(many) == [1, 2, 3, 4, 5]


async def test_an_earlier_replay_that_ends_meanwhile_takes_nothing_back(many: SqliteStore) -> None:
    await many.webhooks.replay_dead("wh_1")
    [version] = (await many.webhooks.versions()).values()

    await many.database.write(partial(request_some_replays, webhook_id="wh_1", after=0))
    await many.webhooks.end_replays("wh_1", version=version)

    assert await requested(many) == [1, 2, 3, 4, 5]


async def test_a_webhook_that_names_an_id_forgets_the_dead_letters_of_its_earlier_session_in_parts(
    many: SqliteStore,
) -> None:
    await many.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=("b",)))
    await many.sessions.delete("a", token=None)
    await many.sessions.add(session("a"))

    async with statements(many) as written:
        changed = await many.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=("a", "b")))

    assert changed is not None
    assert (changed.sessions, await many.webhooks.count_dead()) == (("a", "b"), 0)
    assert written.count("BEGIN IMMEDIATE") == 3
