"""What the dashboard says while the server does not answer as it should."""

import re

from playwright.async_api import Browser, Route, expect

from tests.browser.dashboard import choose, code_on, create, dashboard, session, sign_in
from tests.browser.screen import screen
from tests.support.motte import Motte
from tests.support.serve import API_KEY

BUSY = {"title": "Motte is busy", "detail": "", "code": "overloaded", "retryable": True}


async def refuse(route: Route) -> None:
    """As a server does that has too much to do."""
    await route.fulfill(status=503, content_type="application/problem+json", json=BUSY)


async def test_the_dashboard_outlives_a_restart_of_the_api(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await motte.serve.ctl("stop", "front")
        await expect(page.locator("#link")).to_contain_text("Connection lost")
        await choose(page, "Restart")
        await page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        await expect(page.get_by_role("alert")).to_contain_text("Motte cannot be reached")
        await shown.keep("dashboard-lost")
        assert await shown.barriers() == []
        await motte.serve.ctl("start", "front")
        await expect(page.locator("#link")).to_have_text("Live")
        await motte.ready()
        await expect(page.get_by_role("alert")).to_contain_text("Restart “shop” was interrupted")
        await expect(page.get_by_role("alert")).not_to_contain_text("cannot be reached")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("alert")).to_have_count(0)
        shown.complaints.clear()  # the browser's own, about a server that was away


async def test_why_nothing_is_told_is_said_until_it_is(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with screen(browser, f"{motte.serve.url()}/") as shown:
        page = shown.page
        await page.route("**/events", refuse)
        await sign_in(page, API_KEY)
        await expect(page.get_by_role("alert")).to_contain_text("Motte is busy")
        await expect(page.locator("#link")).to_contain_text("Trying again")
        await expect(page.get_by_text("Loading sessions")).to_be_hidden()
        await shown.keep("dashboard-refused")
        assert await shown.barriers() == []
        await page.get_by_role("button", name="Try again").click()
        await expect(session(page, "shop")).to_be_visible()
        await page.unroute("**/events")
        await expect(page.locator("#link")).to_have_text("Live")
        await expect(page.get_by_role("alert")).to_have_count(0)
        shown.complaints.clear()  # the browser's own, about the status


async def test_sessions_that_could_not_be_read_are_read_again_and_the_notice_goes(
    motte: Motte, browser: Browser
) -> None:
    await motte.create()
    async with screen(browser, f"{motte.serve.url()}/") as shown:
        page = shown.page
        await page.route("**/sessions?limit=*", refuse)
        await sign_in(page, API_KEY)
        await expect(page.get_by_role("alert")).to_contain_text("Motte is busy")
        await page.unroute("**/sessions?limit=*")
        await expect(page.get_by_role("alert")).to_have_count(0)
        shown.complaints.clear()  # the browser's own, about the status


async def test_a_notice_in_a_dialog_is_no_longer_shown_as_true_once_motte_is_back(
    motte: Motte, browser: Browser
) -> None:
    await motte.create()
    async with screen(browser, f"{motte.serve.url()}/") as shown:
        page = shown.page
        await page.route("**/events", refuse)
        await sign_in(page, API_KEY)
        await expect(page.locator("#link")).to_contain_text("Trying again")
        await page.route("**/sessions", lambda route: route.abort())
        await create(page, "bakery")
        alert = page.get_by_role("dialog").get_by_role("alert")
        await expect(alert).to_contain_text("Motte cannot be reached")
        await page.unroute("**/sessions")
        await page.unroute("**/events")
        await expect(alert).to_contain_text("The request was interrupted")
        await alert.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("dialog", name="Link “bakery”")).to_be_visible()
        shown.complaints.clear()  # the browser's own, about the status


async def test_a_notice_says_once_what_is_wrong(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        await create(shown.page, "shop")
        alert = shown.page.get_by_role("dialog").get_by_role("alert")
        await expect(alert.locator("strong")).to_have_text("There is a session shop already")
        await expect(alert.locator("p")).to_be_hidden()
        shown.complaints.clear()  # the browser's own, about the status


async def test_why_no_code_is_shown_is_said_until_one_is(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page, code = shown.page, shown.page.locator("#code")
        await page.route("**/sessions/shop/events", refuse)
        await session(page, "shop").get_by_role("button", name="Show code").click()
        await expect(code.get_by_role("status").first).to_have_text(re.compile("Motte is busy.*tries again"))
        await page.unroute("**/sessions/shop/events")
        await code_on(shown)
        await expect(code.get_by_role("alert")).to_have_count(0)
        shown.complaints.clear()  # the browser's own, about the status
