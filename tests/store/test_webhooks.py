"""Webhooks in the store: their lanes, dead letters and tries."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store.errors import TooManyWebhooks
from store.records.webhooks import DeadLetter, Lane, Progress, Try, Webhook
from store.sqlite import webhook_sweep
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore, open_store
from store.sqlite.webhook_lanes import newest
from store.sqlite.webhook_progress import MAX_TRIES
from tests.store.samples import older_database, session
from tests.store.test_events import happened, log

HOOK = Webhook(
    id="wh_1",
    url="https://a.example/?token=secret",
    types=("message.received", "session.status"),
    sessions=("a", "b"),
    headers={"Authorization": "Bearer secret"},
    secret="whsec_secret",
    old_secret="whsec_older_secret",
    old_until=7,
    give_up_after=60,
    created_at=5,
)
TRY = Try(
    webhook_id="wh_1",
    event_id="evt_1",
    type="message.received",
    session_id="a",
    ordinal=1,
    at=1,
    took=2,
    status=500,
    error="HTTP 500",
)


@pytest.fixture
async def two(store: SqliteStore) -> SqliteStore:
    """A store with the sessions a and b."""
    for name in ("a", "b"):
        await store.sessions.add(session(name))
    return store


@asynccontextmanager
async def statements(store: SqliteStore) -> AsyncGenerator[list[str]]:
    """What the writing connection runs until the block ends."""
    found: list[str] = []
    await store.database.write(lambda connection: connection.set_trace_callback(found.append))
    found.clear()  # the end of that transaction
    yield found
    await store.database.write(lambda connection: connection.set_trace_callback(None))
    del found[-1:]


def lane(done: int, **others: Any) -> Progress:
    made = Lane(webhook_id="wh_1", session_id="a", done=done)
    return Progress(lanes={("wh_1", "a"): replace(made, **others)})


def dead(event: int, **others: Any) -> DeadLetter:
    made = DeadLetter(webhook_id="wh_1", event=event, session_id="a", tries=3, error="HTTP 500", at=9)
    return replace(made, **others)


async def test_a_webhook_is_read_as_it_was_stored(two: SqliteStore) -> None:
    await log(two, "a", happened(), happened())
    made = await two.webhooks.add(HOOK, most=1)

    assert made == replace(HOOK, first=2, begins={"a": 0, "b": 0})
    assert await two.webhooks.get("wh_1") == made
    assert await two.webhooks.all() == [made]


async def test_there_may_be_so_many_webhooks(store: SqliteStore) -> None:
    await store.webhooks.add(HOOK, most=2)
    await store.webhooks.add(replace(HOOK, id="wh_2"), most=2)

    with pytest.raises(TooManyWebhooks):
        await store.webhooks.add(replace(HOOK, id="wh_3"), most=2)


async def test_no_text_of_a_webhook_has_a_secret() -> None:
    assert "secret" not in repr(HOOK).replace("old_secret", "").replace("secret=", "")


async def test_each_change_gives_a_webhook_another_version(store: SqliteStore) -> None:
    await store.webhooks.add(HOOK, most=1)

    changed = await store.webhooks.change("wh_1", lambda webhook: replace(webhook, types=None, sessions=()))

    assert changed == replace(HOOK, types=None, sessions=(), version=2, begins={})
    assert await store.webhooks.versions() == {"wh_1": 2}
    assert await store.webhooks.change("wh_2", lambda webhook: webhook) is None


async def test_a_change_that_raises_changes_nothing(store: SqliteStore) -> None:
    await store.webhooks.add(HOOK, most=1)

    def refuse(_: Webhook) -> Webhook:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.webhooks.change("wh_1", refuse)

    assert await store.webhooks.versions() == {"wh_1": 1}


async def test_a_webhook_is_deleted_only_if_it_is_as_the_caller_wants_it(store: SqliteStore) -> None:
    await store.webhooks.add(HOOK, most=1)

    assert not await store.webhooks.delete("wh_1", only_if=lambda webhook: webhook.sessions == ("a",))
    assert await store.webhooks.delete("wh_1", only_if=lambda webhook: webhook.sessions == ("a", "b"))


async def test_progress_of_a_webhook_that_is_gone_is_not_written(
    two: SqliteStore, database: Database
) -> None:
    await log(two, "a", happened())

    progress = lane(1)
    progress.dead.append((dead(1), 0))
    progress.tries.append(TRY)
    await two.webhooks.keep(progress)

    for table in ("lanes", "dead", "tries"):
        rows = await database.read(lambda c, t=table: c.execute(f"SELECT * FROM {t}").fetchall())  # type: ignore[misc]  # noqa: S608
        assert rows == [], table


async def test_all_of_a_webhook_goes_with_it(two: SqliteStore, database: Database) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened())
    progress = lane(1)
    progress.dead.append((dead(1), 0))
    progress.tries.append(TRY)
    await two.webhooks.keep(progress)
    assert await two.webhooks.count_dead() == 1

    assert await two.webhooks.delete("wh_1")
    assert not await two.webhooks.delete("wh_1")

    for table in ("lanes", "dead", "tries"):
        rows = await database.read(lambda c, t=table: c.execute(f"SELECT * FROM {t}").fetchall())  # type: ignore[misc]  # noqa: S608
        assert rows == [], table


async def test_two_hundred_tries_are_kept(store: SqliteStore) -> None:
    await store.webhooks.add(HOOK, most=1)
    for number in range(MAX_TRIES + 1):
        await store.webhooks.keep(Progress(tries=[replace(TRY, ordinal=number)]))

    found = await store.webhooks.tries("wh_1", limit=1000)

    assert [one.ordinal for one in found] == [*range(MAX_TRIES, 0, -1)]


async def test_tries_are_chosen_by_their_end(store: SqliteStore) -> None:
    await store.webhooks.add(HOOK, most=1)
    arrived = replace(TRY, status=200, error=None)
    await store.webhooks.keep(Progress(tries=[TRY, arrived]))

    assert await store.webhooks.tries("wh_1", limit=10, failed=True) == [TRY]
    assert await store.webhooks.tries("wh_1", limit=10, failed=False) == [arrived]
    assert await store.webhooks.tries("wh_1", limit=1) == [arrived]


async def test_dead_letters_and_tries_of_sessions_that_it_names_no_longer_are_hidden_and_kept(
    two: SqliteStore,
) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened())
    await log(two, "b", happened())
    test = replace(TRY, session_id=None, type="webhook.test")
    progress = lane(1)
    progress.lanes["wh_1", "b"] = Lane(webhook_id="wh_1", session_id="b", done=2)
    progress.dead += [(dead(1), 0), (dead(2, session_id="b"), 0)]
    progress.tries += [TRY, replace(TRY, session_id="b"), test]
    await two.webhooks.keep(progress)

    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=("a",)))

    assert [one.session_id for one in await two.webhooks.dead("wh_1", after=0, limit=1)] == ["a"]
    assert [one.session_id for one in await two.webhooks.dead("wh_1", after=1, limit=1)] == []
    assert await two.webhooks.tries("wh_1", limit=10) == [test, TRY]
    assert await two.webhooks.replay_dead("wh_1") == 1
    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=None))
    assert [one.session_id for one in await two.webhooks.dead("wh_1", after=0, limit=9)] == ["a", "b"]


async def test_dead_letters_of_a_session_that_had_the_id_before_it_was_named_are_forgotten(
    two: SqliteStore,
) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened())
    progress = lane(1)
    progress.dead.append((dead(1), 0))
    progress.tries.append(TRY)
    await two.webhooks.keep(progress)
    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=("b",)))
    await two.sessions.delete("a", token=None)
    await two.sessions.add(session("a"))

    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=("a", "b")))

    assert await two.webhooks.dead("wh_1", after=0, limit=9) == []
    assert await two.webhooks.tries("wh_1", limit=9) == []
    assert await two.webhooks.replay_dead("wh_1") == 0


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
    await two.webhooks.end_replays("wh_1")
    assert await two.webhooks.replays("wh_1", limit=9) == []
    assert await two.webhooks.replay_dead("wh_1") == 2

    again = Progress(arrived=[("wh_1", 1)], dead=[(dead(2, tries=4), 0)])
    await two.webhooks.keep(again)

    assert await two.webhooks.replays("wh_1", limit=9) == []
    [left] = await two.webhooks.dead("wh_1", after=0, limit=10)
    assert left.tries == 4


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
        await two.webhooks.end_replays("wh_1")
    assert await two.webhooks.replays("wh_1", limit=9) == []
    assert ended.count("BEGIN IMMEDIATE") == 4  # the last one finds nothing

    await two.events.forget(2)
    async with statements(two) as swept:
        await two.webhooks.sweep()
    assert await two.webhooks.count_dead() == 0
    assert await two.webhooks.lanes("wh_1") == []
    assert swept.count("BEGIN IMMEDIATE") == 4  # three for letters, one for the lane


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


async def test_a_front_that_stood_still_sets_no_cursor_back(two: SqliteStore) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", *[happened()] * 3)
    await two.webhooks.keep(lane(3))

    await two.webhooks.keep(lane(1, tries=2, error="HTTP 500"))

    [found] = await two.webhooks.lanes("wh_1")
    assert (found.done, found.tries, found.error) == (3, 0, None)


async def test_the_newest_event_of_each_session_is_found(two: SqliteStore) -> None:
    await log(two, "a", happened(), happened())
    await log(two, "b", happened())

    assert await two.webhooks.newest() == {"a": 2, "b": 3}


async def test_the_newest_events_are_found_without_reading_the_others(two: SqliteStore) -> None:
    """The log may have millions of them."""
    await log(two, "a", *[happened()] * 3000)
    await log(two, "b", happened())
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    with closing(sqlite3.connect(two.database._path)) as connection:
        connection.row_factory = sqlite3.Row
        connection.set_progress_handler(step, 1000)
        assert newest(connection) == {"a": 3000, "b": 3001}

    assert steps == 0, "a thousand steps of SQLite"


async def test_a_database_without_webhooks_keeps_what_it_holds(path: Path) -> None:
    with older_database(path, "0018_webhooks.sql"):
        pass

    async with open_store(path, boot_id="boot-1") as store:
        assert [one.id for one in await store.sessions.all()] == ["shop"]
        assert await store.webhooks.all() == []
