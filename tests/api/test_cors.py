"""Scripts of pages elsewhere: what they may do is what the operator allowed, and never with a cookie."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientResponse

from server.auth.login_cookies import COOKIE
from server.core.addresses import parse_origins
from server.core.settings.model import Settings
from tests.api.conftest import ADMIN_KEY, Front, opened
from tests.api.problem_documents import problem
from tests.support.time import TurnedTime

APP, OTHER = "https://app.example", "https://other.example"
ASKS = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.fixture
async def open_front(settings: Settings, time: TurnedTime) -> AsyncGenerator[Front]:
    """A front that allows two origins."""
    origins = parse_origins(f"{APP},http://localhost:3000")
    async with opened(replace(settings, cors_origins=origins), time) as front:
        yield front


def allowed(response: ClientResponse) -> dict[str, str]:
    return {
        name.removeprefix("Access-Control-"): value
        for name, value in response.headers.items()
        if name.startswith("Access-Control-")
    }


def listed(text: str) -> set[str]:
    return {name.strip().lower() for name in text.split(",")}


@pytest.mark.parametrize("origin", [APP, "http://localhost:3000"])
async def test_a_browser_is_told_without_a_key_what_a_page_may_send(open_front: Front, origin: str) -> None:
    async with open_front.stranger() as stranger:
        response = await stranger.options("/sessions", headers={"Origin": origin, **ASKS})
        assert (response.status, await response.read()) == (204, b"")
    told = allowed(response)
    assert told["Allow-Origin"] == origin
    assert {"get", "post", "patch", "delete"} <= listed(told["Allow-Methods"])
    assert {"authorization", "content-type", "if-none-match", "prefer"} <= listed(told["Allow-Headers"])
    assert "x-motte" not in listed(told["Allow-Headers"])
    assert "Allow-Credentials" not in told
    assert response.headers["Vary"] == "Origin"


async def test_a_page_reads_an_answer_and_the_headers_that_callers_need(open_front: Front) -> None:
    response = await open_front.client.post("/sessions", json={"id": "shop"}, headers={"Origin": APP})
    assert response.status == 201
    told = allowed(response)
    assert told["Allow-Origin"] == APP
    exposed = listed(told["Expose-Headers"])
    assert {"etag", "location", "retry-after", "preference-applied", "x-request-id"} <= exposed
    assert "Allow-Credentials" not in told
    picture = await open_front.get("/sessions/shop/qr?format=svg", headers={"Origin": APP})
    assert allowed(picture) == told
    assert picture.headers["Vary"] == "Accept, Origin"


@pytest.mark.parametrize(
    ("method", "path", "key", "status", "code"),
    [
        ("GET", "/sessions", "", 401, "unauthorized"),
        ("GET", "/nothing", ADMIN_KEY, 404, "not-found"),
        ("PUT", "/sessions", ADMIN_KEY, 405, "method-not-allowed"),
        ("GET", "/sessions/nobody", ADMIN_KEY, 404, "session-not-found"),
        ("GET", "/sessions?limit=0", ADMIN_KEY, 400, "validation-failed"),
    ],
)
async def test_a_page_reads_errors_too(
    open_front: Front, method: str, path: str, key: str, status: int, code: str
) -> None:
    headers = {"Origin": APP} | ({"Authorization": f"Bearer {key}"} if key else {})
    async with open_front.stranger() as stranger:
        response = await stranger.request(method, path, headers=headers)
        await problem(response, status, code)
    assert allowed(response)["Allow-Origin"] == APP


async def test_a_bug_can_be_read_by_a_page_too(open_front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(open_front.whole.store.sessions), "page", broken)
    response = await open_front.get("/sessions", headers={"Origin": APP})
    await problem(response, 500, "internal-error")
    assert allowed(response)["Allow-Origin"] == APP


async def test_a_page_follows_events_with_a_key(open_front: Front) -> None:
    await open_front.create()
    async with open_front.client.get("/sessions/shop/events", headers={"Origin": APP}) as stream:
        assert allowed(stream)["Allow-Origin"] == APP
        async with asyncio.timeout(5):
            assert await stream.content.readline() == b"retry: 2000\n"


@pytest.mark.parametrize(
    "origin",
    [
        OTHER,
        "null",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example.evil.example",
        "https://evil.app.example",
        "https://APP.example/",
        "*",
        "",
    ],
)
async def test_any_other_origin_is_allowed_nothing(open_front: Front, origin: str) -> None:
    for response in (
        await open_front.client.options("/sessions", headers={"Origin": origin, **ASKS}),
        await open_front.get("/sessions", headers={"Origin": origin}),
    ):
        assert allowed(response) == {}
        assert response.headers["Vary"] == "Origin"


async def test_no_origin_is_allowed_unless_the_operator_names_it(front: Front) -> None:
    for response in (
        await front.client.options("/sessions", headers={"Origin": APP, **ASKS}),
        await front.get("/sessions", headers={"Origin": APP}),
    ):
        assert allowed(response) == {}
        assert "Vary" not in response.headers
    assert (await front.client.options("/sessions", headers={"Origin": APP, **ASKS})).status == 405


async def test_a_page_that_is_allowed_cannot_use_the_login_of_the_dashboard(open_front: Front) -> None:
    own = {"X-Motte": "dashboard"}
    async with open_front.stranger() as browser:
        login = await browser.post("/login", json={"key": ADMIN_KEY}, headers=own)
        assert login.status == 200
        cookie = {"Cookie": f"{COOKIE}={login.cookies[COOKIE].value}"}
        assert (await browser.get("/sessions", headers=cookie)).status == 200
        for method, path, body in (("GET", "/sessions", None), ("POST", "/sessions", {"id": "shop"})):
            headers: dict[str, Any] = {**cookie, **own, "Origin": APP}
            response = await browser.request(method, path, json=body, headers=headers)
            await problem(response, 403, "foreign-page")
            assert "Allow-Credentials" not in allowed(response)
        for path in ("/login", "/logout"):
            response = await browser.post(path, json={"key": ADMIN_KEY}, headers={**own, "Origin": APP})
            await problem(response, 403, "foreign-page")
    assert (await (await open_front.get("/sessions")).json())["items"] == []
