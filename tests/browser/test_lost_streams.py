"""What pages show of a code once they no longer hear from Motte. The clock of the browser is turned."""

import json

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.dashboard import code_on, dashboard, session
from tests.browser.screen import Screen, screen
from tests.browser.test_scan_page import link
from tests.support.eventually import eventually
from tests.support.motte import Motte

#: Milliseconds after which a code fades. The codes of these tests live longer.
FADE = 5000
LIFE_SECONDS = 60


async def stop_clock(page: Page) -> None:
    """Time passes only when the test turns it."""
    await page.clock.install(time=0)
    await page.clock.pause_at(1000)


async def cut(page: Page, path: str, name: str, document: dict[str, object]) -> None:
    """Answer each request for this stream with one event and its end; the browser does not ask again."""

    async def answer(route: Route) -> None:
        body = f"retry: 3600000\nevent: {name}\ndata: {json.dumps(document)}\n\n"
        await route.fulfill(content_type="text/event-stream", body=body)

    await page.route(path, answer)


def a_view(state: str, picture: str | None = None) -> dict[str, object]:
    return {
        "state": state,
        "title": "One moment",
        "text": "A code will appear soon.",
        "picture": picture,
        "secondsLeft": LIFE_SECONDS,
    }


async def is_empty(shown: Screen) -> bool:
    return await shown.codes() == []


async def test_the_scan_page_fades_its_code_when_its_stream_was_lost_for_five_seconds(
    motte: Motte, browser: Browser
) -> None:
    url = await link(motte)
    picture = f"{url.rpartition('/')[2]}/qr.svg"
    async with screen(browser, "about:blank") as shown:
        page = shown.page
        await stop_clock(page)
        await cut(page, "**/scan/*/events", "view", a_view("code", picture))
        await page.goto(url)
        await shown.code()
        await expect(page.get_by_text("The connection was lost")).to_be_visible()
        await page.clock.run_for(FADE - 500)
        await shown.code()
        await page.clock.run_for(1000)
        await expect(page.get_by_text("This code may no longer work")).to_be_visible()
        await expect(page.get_by_text("A new code will appear soon")).to_be_hidden()
        await eventually(lambda: is_empty(shown))


async def test_the_scan_page_promises_no_code_without_a_server(motte: Motte, browser: Browser) -> None:
    url = await link(motte)
    async with screen(browser, "about:blank") as shown:
        await stop_clock(shown.page)
        await cut(shown.page, "**/scan/*/events", "view", a_view("waiting"))
        await shown.page.goto(url)
        await shown.state("waiting")
        await expect(shown.page.get_by_text("will appear")).to_be_visible()
        await shown.page.clock.run_for(FADE + 500)
        await expect(shown.page.get_by_text("will appear")).to_be_hidden()


async def test_a_stream_that_says_nothing_for_twenty_seconds_is_lost(motte: Motte, browser: Browser) -> None:
    async with screen(browser, "about:blank") as shown:
        await stop_clock(shown.page)
        await shown.page.goto(await link(motte))
        await shown.code()
        await shown.page.clock.run_for(21_000)
        await expect(shown.page.get_by_text("The connection was lost")).to_be_visible()


async def test_the_dashboard_fades_a_code_when_its_stream_was_lost_for_five_seconds(
    motte: Motte, browser: Browser
) -> None:
    there = await motte.create() | {"qrExpiresAt": "2100-01-01T00:00:00.000Z"}  # Its end must not hide it.
    async with dashboard(browser, motte) as shown:
        page, code = shown.page, shown.page.locator("#code")
        await cut(page, "**/sessions/shop/events", "session.qr", {"cursor": None, "data": there})
        await session(page, "shop").get_by_role("button", name="Show code").click()
        await expect(code).to_have_attribute("data-state", "code")
        await page.evaluate("() => { const real = Date.now; Date.now = () => real() + 5500; }")
        await expect(code.get_by_text("This code may no longer work")).to_be_visible()
        await eventually(lambda: is_empty(shown))


async def test_the_dashboard_shows_no_code_once_motte_has_stopped(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        await session(shown.page, "shop").get_by_role("button", name="Show code").click()
        await code_on(shown)
        await motte.serve.ctl("stop", "front")
        code = shown.page.locator("#code")
        await expect(code.get_by_role("status").first).to_contain_text("Motte has stopped")
        assert await shown.codes() == []
        await motte.serve.ctl("start", "front")
        await code_on(shown)
        shown.complaints.clear()  # the browser's own, about a server that was away
