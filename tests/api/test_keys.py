"""API keys: what they open, what they are bound to, and how wrong ones are met."""

import asyncio
import logging
import re
from typing import Any

import pytest

from server.api.route import Route
from server.api.routes import ROUTES
from server.auth.api_keys import Scope, new_key
from server.auth.failed_auth_limiter import MAX_PER_ADDRESS
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from store.ports.keys import KeyStore
from store.sqlite.store import open_store
from tests.api.conftest import ADMIN_KEY, Front, opened, supervisor_of
from tests.api.test_problems import problem
from tests.support.time import TurnedTime

#: A bound key has never the scope `admin`.
WITH_ID = [route for route in ROUTES if "{id}" in route.path and route.scope not in (None, Scope.ADMIN)]
OF_THE_HOST = [route for route in ROUTES if "{id}" not in route.path and route.scope]


def wrong(number: int) -> dict[str, str]:
    return {"Authorization": f"Bearer wrong-{number}"}


async def last_use(keys: KeyStore, name: str) -> int | None:
    return next(key.last_used_at for key in await keys.all() if key.name == name)


async def listed(front: Front, headers: dict[str, str], **query: Any) -> dict[str, Any]:
    response = await front.get("/sessions", headers=headers, params=query)
    assert response.status == 200, await response.text()
    return dict(await response.json())


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


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: f"{route.method} {route.path}")
async def test_to_a_bound_key_another_session_does_not_exist(front: Front, route: Route) -> None:
    await front.create("other")
    key = await front.key("bot", "sessions:read", "sessions:write", "messages:write", sessions=["shop"])
    documents = []
    for session_id in ("other", "nobody"):
        path = re.sub(r"{\w+}", "15557654321", route.path.replace("{id}", session_id))
        response = await front.client.request(route.method, path, headers=key, json={})
        document = await problem(response, 404, "session-not-found")
        assert document.pop("detail") == f"there is no session {session_id}"
        del document["instance"]
        documents.append(document)
    assert documents[0] == documents[1]
    assert (await front.row("other")).status == "qr_waiting"


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: f"{route.method} {route.path}")
async def test_a_head_of_another_session_tells_as_little(front: Front, route: Route) -> None:
    await front.create("other")
    key = await front.key("bot", "sessions:read", sessions=["shop"])
    if route.method == "GET":
        path = re.sub(r"{\w+}", "15557654321", route.path.replace("{id}", "other"))
        assert (await front.client.head(path, headers=key)).status == 404


async def test_a_bound_key_makes_reads_and_deletes_its_own_session(front: Front) -> None:
    key = await front.key("bot", "sessions:read", "sessions:write", sessions=["shop"])
    assert (await front.client.post("/sessions", json={"id": "shop"}, headers=key)).status == 201
    assert (await front.read("shop", headers=key))["status"] == "qr_waiting"
    assert (await front.client.delete("/sessions/shop", headers=key)).status == 204
    await problem(await front.get("/sessions/shop", headers=key), 404, "session-not-found")


@pytest.mark.parametrize("body", [{"id": "other"}, {"id": "taken"}, {}])
async def test_a_bound_key_makes_no_other_session(front: Front, body: dict[str, str]) -> None:
    await front.create("taken")
    key = await front.key("bot", "sessions:write", sessions=["shop"])
    await problem(await front.client.post("/sessions", json=body, headers=key), 403, "forbidden")
    assert list(front.supervisor.starts) == ["taken"]


async def test_the_pages_of_a_bound_key_hold_its_sessions_alone_and_are_full(front: Front) -> None:
    for session_id in ("a", "b", "c", "d", "e"):
        await front.create(session_id)
    key = await front.key("bot", "sessions:read", sessions=["e", "d", "b", "absent"])
    first = await listed(front, key, limit=2)
    assert [item["id"] for item in first["items"]] == ["b", "d"]
    second = await listed(front, key, limit=2, cursor=first["nextCursor"])
    assert [item["id"] for item in second["items"]] == ["e"]
    assert second["nextCursor"] is None


async def test_the_last_full_page_of_a_bound_key_has_no_next_one(front: Front) -> None:
    for session_id in ("a", "b", "c"):
        await front.create(session_id)
    key = await front.key("bot", "sessions:read", sessions=["a", "b"])
    assert (await listed(front, key, limit=2))["nextCursor"] is None
    assert (await listed(front, key, status="connected"))["items"] == []


async def test_a_bound_key_sees_the_processes_of_its_sessions_alone(front: Front) -> None:
    await front.create("shop")
    await front.create("other")
    key = await front.key("bot", "sessions:read", sessions=["shop"])
    document = await (await front.get("/connectors", headers=key)).json()
    assert [item["id"] for item in document["items"]] == ["shop"]
    one = await (await front.get("/sessions/shop/connector", headers=key)).json()
    assert document["items"] == [one]
    assert one["state"] == "running"
    assert one["pid"] is None  # It counts the processes of the host.


@pytest.mark.parametrize("route", OF_THE_HOST, ids=lambda route: f"{route.method} {route.path}")
async def test_what_concerns_the_whole_host_is_closed_to_a_bound_key_or_narrowed(
    front: Front, route: Route
) -> None:
    key = await front.key("bot", "sessions:read", "sessions:write", "messages:write", sessions=["shop"])
    if not route.filters_by_key:
        response = await front.client.request(route.method, route.path, headers=key)
        await problem(response, 403, "forbidden")


def test_every_path_with_a_session_calls_it_id() -> None:
    for route in ROUTES:
        if route.path.startswith("/sessions/"):
            assert route.path.startswith("/sessions/{id}"), route.path


@pytest.mark.parametrize(
    "name", ["apikey", "api_key", "API-Key", "apiKey", "key", "token", "access_token", "access-token"]
)
@pytest.mark.parametrize("is_admin", [True, False])
async def test_a_key_in_the_address_is_refused_and_never_logged(
    front: Front, caplog: pytest.LogCaptureFixture, name: str, is_admin: bool
) -> None:
    async with front.stranger() as stranger:
        client = front.client if is_admin else stranger
        with caplog.at_level(logging.DEBUG, "server"):
            response = await client.get("/sessions", params={name: ADMIN_KEY})
        text = await response.text()
        document = await problem(response, 401, "unauthorized")
    assert "Authorization: Bearer" in document["detail"]
    assert ADMIN_KEY not in text
    assert ADMIN_KEY not in caplog.text


@pytest.mark.parametrize("query", ["k={}", "auth=Bearer+{}", "cursor={}", "limit=1&limit={}", "{}", "{}=1"])
async def test_a_key_that_motte_made_is_refused_wherever_it_is_in_a_query(front: Front, query: str) -> None:
    address = f"/sessions?{query.format(new_key())}"
    document = await problem(await front.get(address), 401, "unauthorized")
    assert "replace this key" in document["detail"]
    await problem(await front.get("/sessions?cursor=motte_"), 400, "bad-cursor")


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


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer "}, {"X-Api-Key": ""}, {"apikey": ""}, {"Authorization": "Bearer"}]
)
async def test_an_empty_key_is_none(front: Front, headers: dict[str, str]) -> None:
    async with front.stranger() as stranger:
        for _ in range(MAX_PER_ADDRESS + 1):
            await problem(await stranger.get("/sessions", headers=headers), 401, "unauthorized")


async def test_of_a_thousand_wrong_keys_in_a_row_ten_are_looked_at_kindly(
    front: Front, time: TurnedTime
) -> None:
    statuses = [(await front.get("/sessions", headers=wrong(number))).status for number in range(1000)]
    assert statuses == [401] * 10 + [429] * 990
    time.advance(13.5)
    response = await front.get("/sessions", headers=wrong(0))
    document = await problem(response, 429, "rate-limited")
    assert document["retryable"]
    assert response.headers["Retry-After"] == "47"


async def test_a_key_that_was_used_before_is_admitted_among_a_thousand_wrong_ones(front: Front) -> None:
    assert (await front.get("/sessions")).status == 200
    for number in range(100):
        await front.get("/sessions", headers=wrong(number))
    assert (await front.get("/sessions")).status == 200


async def test_a_key_that_motte_made_is_admitted_among_a_thousand_wrong_ones(front: Front) -> None:
    for number in range(100):
        await front.get("/sessions", headers=wrong(number))
    fresh = await front.key(new_key(), "sessions:read")
    assert (await front.get("/sessions", headers=fresh)).status == 200


async def test_a_guess_that_is_right_finds_out_nothing_after_ten_wrong_ones(
    front: Front, time: TurnedTime
) -> None:
    chosen = await front.key("correct-horse-battery-staple-0123456789", "admin")
    async with asyncio.TaskGroup() as tasks:
        guesses = [tasks.create_task(front.get("/sessions", headers=wrong(n))) for n in range(100)]
    assert {guess.result().status for guess in guesses} == {401, 429}
    document = await problem(await front.get("/sessions", headers=chosen), 429, "rate-limited")
    assert "was not looked at" in document["detail"]
    time.advance(60)
    assert (await front.get("/sessions", headers=chosen)).status == 200


async def test_an_address_that_a_header_claims_is_not_believed(front: Front) -> None:
    for number in range(MAX_PER_ADDRESS):
        await front.get("/sessions", headers={**wrong(number), "X-Forwarded-For": f"192.0.2.{number}"})
    response = await front.get("/sessions", headers={**wrong(99), "X-Forwarded-For": "192.0.2.99"})
    await problem(response, 429, "rate-limited")


async def test_requests_without_any_key_do_not_count_as_wrong_ones(front: Front) -> None:
    async with front.stranger() as stranger:
        for _ in range(MAX_PER_ADDRESS + 5):
            await problem(await stranger.get("/sessions"), 401, "unauthorized")


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


async def test_a_bound_key_is_bound_at_the_second_front_too(settings: Settings, time: TurnedTime) -> None:
    programs = supervisor_of(settings, time)
    async with opened(settings, time, programs) as owner, opened(settings, time, programs) as follower:
        await owner.create("other")
        key = await owner.key("bot", "sessions:read", "sessions:write", sessions=["shop"])
        await problem(await follower.get("/sessions/other", headers=key), 404, "session-not-found")
        response = await follower.client.post("/sessions", json={"id": "other"}, headers=key)
        await problem(response, 403, "forbidden")
        assert (await listed(follower, key))["items"] == []
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
