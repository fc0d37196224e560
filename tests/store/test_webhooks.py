"""Webhooks in the store: their lanes, dead letters and tries."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from store.errors import TooManyWebhooks
from store.records.webhooks import Lane, Progress, Webhook
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore, open_store
from store.sqlite.webhook_lanes import newest
from store.sqlite.webhook_progress import MAX_TRIES
from tests.store.event_samples import happened, log
from tests.store.samples import older_database, session
from tests.store.steps import counted
from tests.store.webhook_samples import HOOK, TRY, dead, lane


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


async def test_a_webhook_is_disabled_only_if_it_is_as_it_was_read(store: SqliteStore) -> None:
    made = await store.webhooks.add(HOOK, most=1)
    changed = await store.webhooks.change("wh_1", lambda webhook: replace(webhook, types=None))
    assert changed is not None

    assert not await store.webhooks.disable(made, "gone")
    assert await store.webhooks.get("wh_1") == changed
    assert await store.webhooks.disable(changed, "gone")
    assert await store.webhooks.get("wh_1") == replace(changed, disabled="gone", version=3)
    assert not await store.webhooks.disable(replace(changed, id="wh_2"), "gone")


async def test_failures_are_shown_once_and_only_at_the_url_that_failed(store: SqliteStore) -> None:
    made = await store.webhooks.add(HOOK, most=1)
    elsewhere = replace(made, url="https://b.example")

    assert not await store.webhooks.show_failing(elsewhere, 5, "HTTP 500")
    await store.webhooks.keep(Progress(shown={"wh_1": replace(elsewhere, failing_since=5, failure="bad")}))
    assert await store.webhooks.get("wh_1") == made
    await store.webhooks.keep(Progress(shown={"wh_1": replace(made, failing_since=5, failure="bad")}))
    assert await store.webhooks.get("wh_1") == replace(made, failing_since=5, failure="bad")
    assert not await store.webhooks.show_failing(made, 6, "HTTP 500")
    assert await store.webhooks.show_failing(made, None, None)
    assert await store.webhooks.get("wh_1") == replace(made, version=2)
    assert await store.webhooks.show_failing(made, 7, "HTTP 500")
    assert await store.webhooks.get("wh_1") == replace(made, failing_since=7, failure="HTTP 500", version=3)


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

    found, steps = await two.database.read(partial(counted, newest))

    assert found == {"a": 3000, "b": 3001}
    assert steps < 1000


async def test_a_database_without_webhooks_keeps_what_it_holds(path: Path) -> None:
    with older_database(path, "0018_webhooks.sql"):
        pass

    async with open_store(path, boot_id="boot-1") as store:
        assert [one.id for one in await store.sessions.all()] == ["shop"]
        assert await store.webhooks.all() == []
