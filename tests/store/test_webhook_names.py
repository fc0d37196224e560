"""Which sessions webhooks name, once the id of a deleted session is given to another one."""

from dataclasses import replace
from pathlib import Path

from store.records.webhooks import Webhook
from store.sqlite.store import SqliteStore, open_store
from store.sqlite.webhook_names import NAMES_NOBODY
from tests.store.event_samples import happened, log
from tests.store.samples import older_database, session
from tests.store.webhook_samples import HOOK

BOUND = replace(HOOK, sessions=("a",), maker="1 tenant")


async def key(store: SqliteStore, name: str = "tenant", *, now: int = 1) -> None:
    await store.keys.add(name, f"digest of {name} {now}", ["webhooks"], now, sessions=["a"])


async def make(store: SqliteStore, *, made_at: int) -> None:
    """A session with an event, as each has one when it is made."""
    await store.sessions.add(replace(session("a"), created_at=made_at), event=happened())


async def found(store: SqliteStore) -> Webhook:
    webhook = await store.webhooks.get("wh_1")
    assert webhook is not None
    return webhook


async def test_a_webhook_of_a_key_that_is_gone_does_not_get_the_next_session_with_the_id(
    store: SqliteStore,
) -> None:
    await key(store)
    await make(store, made_at=1)
    await store.sessions.add(session("b"))
    await store.webhooks.add(replace(BOUND, sessions=("a", "b")), most=1)
    await store.keys.delete("tenant")
    await store.sessions.delete("a", token=None)
    await make(store, made_at=2)

    webhook = await found(store)
    assert (webhook.sessions, webhook.disabled) == (("b",), None)
    assert webhook.version > 1, "the deliverer reads it again"
    await store.sessions.delete("b", token=None)
    await store.sessions.add(session("b"), event=happened())
    assert (await found(store)).sessions == ("b",), "the first b had no event: nothing can be mixed up"


async def test_a_webhook_that_names_no_session_any_longer_says_why_it_gets_nothing(
    store: SqliteStore,
) -> None:
    await key(store)
    await make(store, made_at=1)
    await store.webhooks.add(BOUND, most=1)
    await store.keys.delete("tenant")
    await store.sessions.delete("a", token=None)
    await make(store, made_at=2)

    webhook = await found(store)
    assert (webhook.sessions, webhook.begins, webhook.disabled) == ((), {}, NAMES_NOBODY)


async def test_a_webhook_follows_the_id_while_its_key_exists_and_not_longer(store: SqliteStore) -> None:
    await key(store)
    await make(store, made_at=1)
    await store.webhooks.add(BOUND, most=1)
    await store.sessions.delete("a", token=None)
    await make(store, made_at=2)
    assert (await found(store)).sessions == ("a",)

    await store.keys.delete("tenant")

    assert (await found(store)).sessions == ()


async def test_another_key_of_the_same_name_is_another_key(store: SqliteStore) -> None:
    await key(store)
    await make(store, made_at=1)
    await store.webhooks.add(BOUND, most=1)
    await store.sessions.delete("a", token=None)
    await make(store, made_at=2)

    await key(store, now=2)

    assert (await found(store)).sessions == ()


async def test_a_webhook_keeps_the_session_that_it_named_itself_when_its_key_goes(store: SqliteStore) -> None:
    await key(store)
    await make(store, made_at=1)
    await store.webhooks.add(BOUND, most=1)
    await key(store, "another")

    await store.keys.delete("tenant")

    assert (await found(store)).sessions == ("a",)


async def test_a_webhook_of_a_key_for_every_session_follows_the_id(store: SqliteStore) -> None:
    await make(store, made_at=1)
    await store.webhooks.add(replace(BOUND, maker=None), most=1)
    await store.sessions.delete("a", token=None)
    await make(store, made_at=2)

    assert (await found(store)).sessions == ("a",)


async def test_a_webhook_begins_with_the_session_that_has_the_id_when_it_is_named(store: SqliteStore) -> None:
    await make(store, made_at=1)
    await store.webhooks.add(replace(BOUND, sessions=("b",)), most=1)
    assert (await found(store)).begins == {"b": 1}, "no session b exists yet"
    await log(store, "a", happened())
    await store.sessions.delete("a", token=None)
    await make(store, made_at=2)
    await store.webhooks.change("wh_1", lambda webhook: replace(webhook, sessions=("a", "b")))
    assert (await found(store)).begins == {"a": 2, "b": 1}

    await store.sessions.add(session("b"), event=happened())

    assert (await found(store)).begins == {"a": 2, "b": 3}, "the first session of an id that was named before"


async def test_a_webhook_from_before_keeps_what_it_names_and_is_one_of_a_key_for_every_session(
    path: Path,
) -> None:
    with older_database(path, "0024_sessions_of_webhooks.sql") as connection:
        connection.execute(
            """
            INSERT INTO webhooks (id, url, sessions, headers, secret, give_up_after, first, version,
                                  created_at)
            VALUES ('wh_1', 'https://a.example/', 'shop', '{}', 'whsec_x', 60, 7, 1, 1)
            """
        )

    async with open_store(path, boot_id="boot-1") as store:
        webhook = await found(store)
        assert (webhook.sessions, webhook.maker, webhook.begins_with("shop")) == (("shop",), None, 7)


async def test_a_page_ends_before_a_session_that_the_reader_does_not_know(store: SqliteStore) -> None:
    await make(store, made_at=1)
    await log(store, "a", happened())
    await store.sessions.delete("a", token=None)
    await make(store, made_at=2)

    async def numbers(known_to: int | None) -> tuple[list[int], int, bool]:
        page = await store.events.page(0, limit=10, sessions=["a"], known_to=known_to)
        return [event.number for event in page.events], page.reached, page.has_another

    assert await numbers(1) == ([1, 2], 2, True)
    assert await numbers(2) == ([1, 2, 3], 3, False)
    assert await numbers(None) == ([1, 2, 3], 3, False)
