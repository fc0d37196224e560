"""How a browser gets in with an API key, and what its cookie is worth."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from http.cookies import Morsel
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar
from aiohttp.test_utils import TestClient

from server.app import make_app
from server.auth.failed_auth_limiter import MAX_PER_ADDRESS
from server.auth.key_texts import digest
from server.auth.login_cookies import COOKIE, LIFETIME_SECONDS
from tests.api.conftest import ADMIN_KEY, READ_KEY, Front
from tests.api.described import HeldServer
from tests.api.problem_documents import problem
from tests.api.second_front import another
from tests.api.stranger import link
from tests.support.stream import following

OURS = {"X-Motte": "dashboard"}

Browser = TestClient[Any, Any]


@pytest.fixture
async def browser(front: Front) -> AsyncGenerator[Browser]:
    """It has cookies, and no key of its own."""
    jar = CookieJar(unsafe=True)
    async with TestClient(HeldServer(make_app(front.whole)), cookie_jar=jar) as client:
        yield client


async def log_in(browser: Browser, key: str = ADMIN_KEY, **headers: str) -> ClientResponse:
    return await browser.post("/login", json={"key": key}, headers=OURS | headers)


async def logged_in(browser: Browser, key: str = ADMIN_KEY) -> Morsel[str]:
    response = await log_in(browser, key)
    assert response.status == 200, await response.text()
    return response.cookies[COOKIE]


async def test_a_login_tells_what_the_key_may_do(front: Front, browser: Browser) -> None:
    await front.key("bot", "sessions:read", sessions=["shop"])
    assert await (await log_in(browser)).json() == {"key": "admin", "scopes": ["admin"], "sessions": None}
    assert await (await log_in(browser, "bot")).json() == {
        "key": "bot",
        "scopes": ["sessions:read"],
        "sessions": ["shop"],
    }


async def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(browser: Browser) -> None:
    cookie = await logged_in(browser)
    assert ADMIN_KEY not in cookie.value
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert (cookie["max-age"], cookie["secure"]) == (str(LIFETIME_SECONDS), "")


async def test_where_there_is_tls_the_cookie_never_travels_without(front: Front, browser: Browser) -> None:
    front.whole.settings = replace(front.whole.settings, public_url="https://motte.example")
    assert (await logged_in(browser))["secure"] is True


async def test_neither_key_nor_cookie_is_in_the_record(front: Front, browser: Browser) -> None:
    cookie = await logged_in(browser)
    kept = front.folder.database.read_bytes() + front.folder.database.with_suffix(".db-wal").read_bytes()
    assert digest(ADMIN_KEY).encode() in kept
    assert cookie.value.encode() not in kept
    assert ADMIN_KEY.encode() not in kept


async def test_a_cookie_opens_what_its_key_opens_and_nothing_else(front: Front, browser: Browser) -> None:
    await front.create()
    await front.create("other")
    await front.key("bot", "sessions:read", sessions=["shop"])
    await logged_in(browser, "bot")
    assert (await browser.get("/sessions/shop")).status == 200
    await problem(await browser.get("/sessions/other"), 404, "session-not-found")
    await problem(await browser.post("/sessions/shop/stop", headers=OURS), 403, "forbidden")


async def test_a_browser_creates_and_deletes(front: Front, browser: Browser) -> None:
    await logged_in(browser)
    assert (await browser.post("/sessions", json={"id": "shop"}, headers=OURS)).status == 201
    assert (await browser.delete("/sessions/shop", headers=OURS)).status == 204


async def test_a_browser_follows_events(front: Front, browser: Browser) -> None:
    await logged_in(browser)
    await front.create()
    async with following(browser, "/events") as reader:
        assert (await reader.until("session.status", id="shop"))["status"] == "qr_waiting"


async def test_streams_end_with_the_login_they_were_opened_with(front: Front, browser: Browser) -> None:
    await logged_in(browser)
    async with following(browser, "/events") as reader:
        await reader.placed()
        assert (await browser.post("/logout", headers=OURS)).status == 204
        front.time.advance(16)
        assert await reader.ended()


async def test_a_wrong_key_is_refused_and_counted(front: Front, browser: Browser) -> None:
    for number in range(MAX_PER_ADDRESS):
        await problem(await log_in(browser, f"wrong-{number}"), 401, "unauthorized")
    await problem(await log_in(browser, "wrong"), 429, "rate-limited")
    await problem(await log_in(browser), 429, "rate-limited")  # a guess, as far as anybody knows
    front.time.advance(60)
    assert (await log_in(browser)).status == 200


@pytest.mark.parametrize("body", ["{}", '{"key": ""}', '{"key": 1}', '{"key": "a", "b": 1}'])
async def test_a_login_that_breaks_a_rule_is_refused(browser: Browser, body: str) -> None:
    await problem(await browser.post("/login", data=body, headers=OURS), 400, "validation-failed")


async def test_without_a_cookie_there_is_no_way_in(browser: Browser) -> None:
    await problem(await browser.get("/sessions"), 401, "unauthorized")
    browser.session.cookie_jar.update_cookies({COOKIE: "A" * 43})
    await problem(await browser.get("/sessions"), 401, "unauthorized")


async def test_a_cookie_dies_with_its_key(front: Front, browser: Browser) -> None:
    await logged_in(browser, READ_KEY)
    assert (await browser.get("/sessions")).status == 200
    assert await front.whole.store.keys.delete("reader")
    document = await problem(await browser.get("/sessions"), 401, "unauthorized")
    assert "log in again" in document["detail"]


async def test_a_key_that_took_the_name_of_another_opens_nothing_to_its_logins(
    front: Front, browser: Browser
) -> None:
    await logged_in(browser, READ_KEY)
    await front.whole.store.keys.add("reader", digest("new"), ["admin"], front.time.clock.wall())
    await problem(await browser.get("/sessions"), 401, "unauthorized")


async def test_a_login_lasts_for_twelve_hours(front: Front, browser: Browser) -> None:
    cookie = await logged_in(browser)
    kept = {"Cookie": f"{COOKIE}={cookie.value}"}  # whatever the browser's own clock says
    async with front.stranger() as stranger:
        front.time.advance(LIFETIME_SECONDS - 1)
        assert (await stranger.get("/sessions", headers=kept)).status == 200
        front.time.advance(1)
        assert (await stranger.get("/sessions", headers=kept)).status == 401


async def test_a_wall_clock_that_is_set_neither_ends_nor_prolongs_a_login(
    front: Front, browser: Browser
) -> None:
    kept = {"Cookie": f"{COOKIE}={(await logged_in(browser)).value}"}
    async with front.stranger() as stranger:
        for step in (8 * 86_400, -16 * 86_400):
            front.time.clock.step_wall(step)
            await front.whole.logins.begin(digest(READ_KEY))  # forgets logins whose time is over
            assert (await stranger.get("/sessions", headers=kept)).status == 200
        front.time.advance(LIFETIME_SECONDS)
        assert (await stranger.get("/sessions", headers=kept)).status == 401


async def test_after_a_reboot_wall_time_ends_a_login(front: Front) -> None:
    logins, clock = front.whole.logins, front.time.clock
    token = await logins.begin(digest(ADMIN_KEY))
    clock.reboot("boot-2")
    front.whole.store.database.boot_id = "boot-2"  # type: ignore[attr-defined]
    assert await logins.key(token) is not None
    clock.step_wall(-1)  # it would last longer than any login can
    assert await logins.key(token) is None
    clock.step_wall(LIFETIME_SECONDS)
    assert await logins.key(token) is not None
    clock.step_wall(1)
    assert await logins.key(token) is None


async def test_after_a_logout_a_copy_of_the_cookie_is_worthless(front: Front, browser: Browser) -> None:
    cookie = await logged_in(browser)
    response = await browser.post("/logout", headers=OURS)
    assert (response.status, response.cookies[COOKIE].value) == (204, "")
    async with front.stranger() as stranger:
        kept = {"Cookie": f"{COOKIE}={cookie.value}"}
        assert (await stranger.get("/sessions", headers=kept)).status == 401


async def test_a_browser_that_signs_in_once_more_ends_its_login_before(
    front: Front, browser: Browser
) -> None:
    before = {"Cookie": f"{COOKIE}={(await logged_in(browser)).value}"}
    await logged_in(browser, READ_KEY)
    async with front.stranger() as stranger:
        assert (await stranger.get("/sessions", headers=before)).status == 401
    assert (await browser.get("/sessions")).status == 200


async def test_a_login_counts_at_every_front(front: Front, browser: Browser) -> None:
    cookie = await logged_in(browser)
    async with another(front) as second, ClientSession(second.client.make_url("/")) as stranger:
        kept = {"Cookie": f"{COOKIE}={cookie.value}"}
        assert (await stranger.get("/sessions", headers=kept)).status == 200


async def test_cookies_of_other_programs_are_in_nobodys_way(front: Front, browser: Browser) -> None:
    cookie = await logged_in(browser)
    async with front.stranger() as stranger:
        for others in ('a="b; {}; c=d', "x{}; {}", "odd@name=1; {};", "{};other=2"):
            text = others.format(*[f"{COOKIE}={cookie.value}"] * 2)
            assert (await stranger.get("/sessions", headers={"Cookie": text})).status == 200, text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Motte": "other"},
        OURS | {"Origin": "https://evil.example"},
        OURS | {"Origin": "null"},
        OURS | {"Origin": "http://127.0.0.1:1"},
        OURS | {"Sec-Fetch-Site": "cross-site"},
        OURS | {"Sec-Fetch-Site": "same-site"},
        OURS | {"Sec-Fetch-Site": "none"},
    ],
)
async def test_what_another_page_has_the_browser_ask_is_not_done(
    front: Front, browser: Browser, headers: dict[str, str]
) -> None:
    await front.create()
    await problem(await browser.post("/login", json={"key": ADMIN_KEY}, headers=headers), 403, "foreign-page")
    await logged_in(browser)
    for method, path in (("POST", "/sessions/shop/stop"), ("DELETE", "/sessions/shop"), ("POST", "/logout")):
        await problem(await browser.request(method, path, headers=headers), 403, "foreign-page")
    assert (await front.row()).status == "qr_waiting"
    assert (await browser.get("/sessions")).status == 200


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://a"}]
)
async def test_another_page_does_not_even_read(browser: Browser, headers: dict[str, str]) -> None:
    await logged_in(browser)
    await problem(await browser.get("/sessions", headers=headers), 403, "foreign-page")
    assert (await browser.get("/sessions", headers={"Sec-Fetch-Site": "none"})).status == 200


async def test_our_own_pages_are_let_through_behind_a_proxy_too(front: Front, browser: Browser) -> None:
    own = {"Origin": str(browser.make_url("/")).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert (await log_in(browser, **own)).status == 200
    proxied = {"Origin": "https://motte.example"}
    await problem(await log_in(browser, **proxied), 403, "foreign-page")
    front.whole.settings = replace(front.whole.settings, public_url="https://motte.example/wa")
    assert (await log_in(browser, **proxied)).status == 200


async def test_a_key_in_the_head_counts_before_the_cookie(front: Front, browser: Browser) -> None:
    await front.create()
    await logged_in(browser)
    reader = {"Authorization": f"Bearer {READ_KEY}"}
    await problem(await browser.post("/sessions/shop/stop", headers=reader | OURS), 403, "forbidden")
    wrong = {"X-Api-Key": "wrong"}
    await problem(await browser.get("/sessions", headers=wrong), 401, "unauthorized")
    admin = {"Authorization": f"Bearer {ADMIN_KEY}"}
    assert (await browser.post("/sessions/shop/stop", headers=admin)).status == 200


async def test_the_page_is_for_everyone_and_knows_who_is_logged_in(front: Front, browser: Browser) -> None:
    await front.key("<b>", "sessions:read")
    page = await browser.get("/")
    assert (page.status, page.content_type) == (200, "text/html")
    assert page.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert 'data-login=""' in await page.text()
    await logged_in(browser, "<b>")
    text = await (await browser.get("/")).text()
    assert "&quot;key&quot;:&quot;&lt;b&gt;&quot;" in text
    assert "<b>" not in text


async def test_every_page_has_an_icon_that_needs_no_key(browser: Browser) -> None:
    for path in ("/", "/docs", "/scan/unknown"):
        assert "pages/favicon.svg" in await (await browser.get(path, headers={"Accept": "text/html"})).text()
    icon = await browser.get("/pages/favicon.svg")
    assert (icon.status, icon.content_type) == (200, "image/svg+xml")


@pytest.mark.parametrize("runs", [True, False])
async def test_the_pages_say_whether_the_sandbox_runs(front: Front, browser: Browser, runs: bool) -> None:
    await front.create()
    front.whole.settings = replace(front.whole.settings, sandbox=runs)
    mark = f'data-sandbox="{"yes" if runs else "no"}"'
    assert mark in await (await browser.get("/")).text()
    assert mark in await (await browser.get(await link(front))).text()
