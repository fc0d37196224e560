"""API keys: what their scopes open, how often they may ask, and when they were used last."""

import asyncio

import pytest

from server.core.paths import StateFolder
from server.core.settings.model import Settings
from store.ports.keys import KeyStore
from store.sqlite.store import open_store
from tests.api.conftest import ADMIN_KEY, Front, opened, supervisor_of
from tests.api.problem_documents import problem
from tests.support.time import TurnedTime


async def last_use(keys: KeyStore, name: str) -> int | None:
    return next(key.last_used_at for key in await keys.all() if key.name == name)


@pytest.mark.parametrize(
    ("scopes", "reads", "creates"),
    [
        (["sessions:read"], 200, 403),
        (["sessions:write"], 403, 201),
        (["messages:write"], 403, 403),
        (["sessions:read", "sessions:write"], 200, 201),
        (["admin"], 200, 201),
    ],
)
async def test_a_scope_opens_what_it_names_and_nothing_else(
    front: Front, scopes: list[str], reads: int, creates: int
) -> None:
    key = await front.key("bot", *scopes)
    assert (await front.get("/sessions", headers=key)).status == reads
    assert (await front.client.post("/sessions", json={"id": "shop"}, headers=key)).status == creates


async def test_a_refusal_names_the_scope_that_is_missing(front: Front) -> None:
    key = await front.key("bot", "sessions:write")
    document = await problem(await front.get("/sessions", headers=key), 403, "forbidden")
    assert document["detail"] == "the API key bot lacks the scope sessions:read"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Api-Key": ADMIN_KEY}, 200),
        ({"apikey": ADMIN_KEY}, 200),
        ({"Authorization": f"Bearer {ADMIN_KEY}", "X-Api-Key": "wrong", "apikey": "wrong"}, 200),
        ({"Authorization": "Bearer wrong", "X-Api-Key": ADMIN_KEY, "apikey": ADMIN_KEY}, 401),
        ({"X-Api-Key": ADMIN_KEY, "apikey": "wrong"}, 200),
        ({"X-Api-Key": "wrong", "apikey": ADMIN_KEY}, 401),
        ({"Authorization": "Basic dTpw", "apikey": ADMIN_KEY}, 200),
    ],
)
async def test_of_several_keys_in_a_request_the_first_of_the_three_headers_counts(
    front: Front, headers: dict[str, str], status: int
) -> None:
    async with front.stranger() as stranger:
        assert (await stranger.get("/sessions", headers=headers)).status == status


async def test_a_request_that_waits_when_its_key_is_revoked_gets_its_response(
    front: Front, time: TurnedTime
) -> None:
    await front.create()
    key = await front.key("bot", "sessions:read")
    time.advance(58.5)
    waiting = asyncio.create_task(front.get("/sessions/shop", headers=key))
    await front.flying()
    await front.whole.store.keys.delete("bot")
    time.advance(1.5)
    assert (await waiting).status == 200
    assert (await front.get("/sessions/shop", headers=key)).status == 401


async def test_a_key_asks_no_oftener_than_the_limit_and_hears_when_it_may_again(
    settings: Settings, time: TurnedTime
) -> None:
    limited = Settings(state=settings.state, rate_limit=0.25)
    async with opened(limited, time) as front:
        assert (await front.get("/sessions")).status == 200
        response = await front.get("/sessions")
        await problem(response, 429, "rate-limited")
        assert response.headers["Retry-After"] == "4"
        assert (await front.get("/healthz")).status == 200
        time.advance(4)
        assert (await front.get("/sessions")).status == 200


async def test_what_is_refused_to_a_key_counts_against_its_limit(
    settings: Settings, time: TurnedTime
) -> None:
    async with opened(Settings(state=settings.state, rate_limit=1), time) as front:
        for scopes, sessions, path in (
            (["messages:write"], None, "/sessions"),
            (["sessions:read"], ["bar"], "/sessions/shop"),
        ):
            key = await front.key(scopes[0], *scopes, sessions=sessions)
            assert (await front.get(path, headers=key)).status in (403, 404)
            await problem(await front.get(path, headers=key), 429, "rate-limited")


async def test_a_key_that_is_made_or_revoked_counts_at_both_fronts_at_once(
    settings: Settings, time: TurnedTime
) -> None:
    programs = supervisor_of(settings, time)
    async with opened(settings, time, programs) as owner, opened(settings, time, programs) as follower:
        key = await owner.key("bot", "sessions:read")
        assert [(await front.get("/sessions", headers=key)).status for front in (owner, follower)] == [
            200,
            200,
        ]
        await owner.whole.store.keys.delete("bot")
        assert [(await front.get("/sessions", headers=key)).status for front in (owner, follower)] == [
            401,
            401,
        ]
    await programs.close()


async def test_the_use_of_a_key_is_written_down_once_a_minute(front: Front, time: TurnedTime) -> None:
    keys = front.whole.store.keys
    key = await front.key("bot", "sessions:read")
    await front.get("/sessions", headers=key)
    used_at = time.clock.wall()
    assert await last_use(keys, "bot") is None
    time.advance(60)
    async with asyncio.timeout(10):
        while await last_use(keys, "bot") is None:
            pass
    assert await last_use(keys, "bot") == used_at


async def test_the_use_of_a_key_is_written_down_when_the_front_stops(
    settings: Settings, time: TurnedTime
) -> None:
    async with opened(settings, time) as front:
        await front.get("/sessions")
    folder = StateFolder(settings.state)
    async with open_store(folder.database, boot_id=time.clock.boot_id) as store:
        assert await last_use(store.keys, "admin") == time.clock.wall()
