"""Scripts of pages elsewhere, in a real browser: with a key, and with the dashboard's cookie."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext

from server.core.addresses import parse_origins
from server.core.settings.model import Settings
from tests.api.conftest import ADMIN_KEY, Front, opened
from tests.support.time import TurnedTime

#: Sends a request, and returns what the script may know of the response; null if it may know nothing.
FETCH = """
async ([url, options]) => {
  try {
    const response = await fetch(url, options);
    const names = ["ETag", "Location", "WWW-Authenticate"];
    const headers = Object.fromEntries(names.map((name) => [name, response.headers.get(name)]));
    const body = response.type === "opaque" ? null : await response.json();
    return {status: response.status, headers, body};
  } catch {
    return null;
  }
}
"""


class Scene(NamedTuple):
    """A Motte, a page that it allows and one that it does not: on one host, so they are of the same site."""

    front: Front
    motte: str
    allowed: str
    other: str


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>A page</title>", content_type="text/html")

    async with AsyncExitStack() as stack:
        pages = []
        for _ in range(2):
            app = web.Application()
            app.router.add_get("/", page)
            server = await stack.enter_async_context(TestServer(app))
            pages.append(str(server.make_url("")))
        settings = Settings(state=tmp_path, cors_origins=parse_origins(pages[0]))
        time = TurnedTime(asyncio.get_running_loop())
        front = await stack.enter_async_context(opened(settings, time))
        yield Scene(front, str(front.client.make_url("")), *pages)


async def fetched(context: BrowserContext, page: str, url: str, **options: Any) -> Any:
    """What a script of a page gets."""
    shown = await context.new_page()
    await shown.goto(page)
    try:
        return await shown.evaluate(FETCH, [url, options])
    finally:
        await shown.close()


async def test_a_page_that_is_allowed_uses_the_api_with_a_key_and_another_one_does_not(
    scene: Scene, browser: Browser
) -> None:
    context = await browser.new_context()
    key = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"}
    create = {"method": "POST", "headers": key, "body": '{"id": "shop"}'}
    assert await fetched(context, scene.other, f"{scene.motte}/sessions", **create) is None
    assert (await (await scene.front.get("/sessions")).json())["items"] == []
    made = await fetched(context, scene.allowed, f"{scene.motte}/sessions", **create)
    assert (made["status"], made["body"]["status"]) == (201, "qr_waiting")
    assert made["headers"]["Location"] == "/sessions/shop"
    assert made["headers"]["ETag"]
    unknown = await fetched(context, scene.allowed, f"{scene.motte}/sessions/nobody", headers=key)
    assert (unknown["status"], unknown["body"]["code"]) == (404, "session-not-found")
    stranger = await fetched(context, scene.allowed, f"{scene.motte}/sessions")
    assert (stranger["status"], stranger["body"]["code"]) == (401, "unauthorized")
    assert stranger["headers"]["WWW-Authenticate"]


async def test_no_page_elsewhere_uses_the_login_of_the_dashboard(scene: Scene, browser: Browser) -> None:
    context = await browser.new_context()
    own = {"X-Motte": "dashboard", "Content-Type": "application/json"}
    login = {"method": "POST", "headers": own, "body": f'{{"key": "{ADMIN_KEY}"}}'}
    assert (await fetched(context, scene.motte, f"{scene.motte}/login", **login))["status"] == 200
    assert (await fetched(context, scene.motte, f"{scene.motte}/sessions"))["status"] == 200
    for page in (scene.allowed, scene.other):
        url = f"{scene.motte}/sessions"
        assert await fetched(context, page, url, credentials="include") is None
        create = {"method": "POST", "body": '{"id": "shop"}', "credentials": "include"}
        assert await fetched(context, page, url, **create) is None
        assert await fetched(context, page, url, headers=own, **create) is None
        assert (await fetched(context, page, url, mode="no-cors", **create))["body"] is None
    assert (await (await scene.front.get("/sessions")).json())["items"] == []
