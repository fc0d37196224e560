"""The list of sessions on the dashboard, and what each row tells."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.dashboard import NOTHING, code_on, create, dashboard, session
from tests.browser.screen import SMALLEST
from tests.support.motte import Motte
from tests.support.phones import Phones


async def test_sessions_are_found_by_words_and_by_status(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect("shop")
    await motte.create("bakery")
    async with dashboard(browser, motte) as shown:
        page, rows = shown.page, shown.page.locator("#list > tr:visible")
        await expect(rows).to_have_count(2)
        search = page.get_by_label("Search sessions")
        await search.fill("+1555")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("shop")
        await expect(page.locator("#count")).to_have_text("1 of 2")
        await search.fill("")
        await page.get_by_role("button", name="Waiting for a scan 1").click()
        await expect(rows).to_contain_text(["bakery"])
        await search.fill("shop")
        await expect(page.get_by_text("Nothing matches")).to_be_visible()
        await page.get_by_role("button", name="Show all sessions").click()
        await expect(rows).to_have_count(2)


async def test_what_happens_elsewhere_is_seen_without_a_reload(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    async with dashboard(browser, motte) as shown:
        await motte.connect()
        await expect(session(shown.page, "shop").locator(".status")).to_have_text("Connected")
        await phones.unlink()
        await expect(session(shown.page, "shop").locator(".status")).to_have_text("Logged out")
        await motte.delete()
        await expect(shown.page.get_by_text("No sessions yet")).to_be_visible()


async def test_a_name_that_is_markup_is_shown_as_it_was_written(motte: Motte, browser: Browser) -> None:
    name = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    async with dashboard(browser, motte, size=SMALLEST) as shown:
        await create(shown.page, "shop", name)
        await code_on(shown)
        assert not await shown.overflows()
        await shown.page.get_by_role("button", name="Close").click()
        heading = session(shown.page, "shop").get_by_role("link")
        await expect(heading).to_have_text(name)
        await shown.keep("dashboard-smallest")
        assert not await shown.overflows()


async def test_a_session_that_is_stopped_has_no_memory_from_that_moment(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        memory = session(page, "shop").locator('[data-fact="memory"]')
        await expect(memory).to_contain_text("MiB")
        held = asyncio.Event()
        await page.route("**/connectors", lambda _: held.wait())  # The next look takes its time.
        await motte.tell("shop", "stop")
        await expect(session(page, "shop").locator(".status")).to_have_text("Stopped")
        await expect(memory).to_have_text(NOTHING, timeout=1000)
        held.set()


async def test_a_row_tells_how_old_its_session_is(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        age = session(shown.page, "shop").locator('[data-fact="age"]')
        await expect(age).to_have_text("< 1 min")
        await expect(age).to_have_attribute("title", re.compile(r"\d"))


async def test_processes_are_looked_at_four_times_a_minute_while_the_page_is_seen(
    motte: Motte, browser: Browser
) -> None:
    await motte.create()
    looks = 0

    async def look(route: Route) -> None:
        nonlocal looks
        looks += 1
        answer = await route.fetch()
        document = await answer.json()
        document["items"][0]["restarts"] = looks
        await route.fulfill(response=answer, json=document)

    async with dashboard(browser, motte) as shown:
        page = shown.page
        restarts = session(page, "shop").locator('[data-fact="restarts"]')
        await page.clock.install()
        await page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
        await page.route("**/connectors", look)
        await page.reload()
        await expect(page.locator("#loading")).to_be_hidden()
        await page.clock.run_for(100)  # Changes of the table are collected for a moment.
        await expect(restarts).to_have_text("1")
        await page.clock.run_for(15_000)  # within which the news of the session are followed up too
        await expect(restarts).to_have_text("3")
        await show(page, is_hidden=True)
        await page.clock.run_for(60_000)
        await show(page, is_hidden=False)
        await expect(restarts).to_have_text("4")
        await page.clock.run_for(15_000)
        await expect(restarts).to_have_text("5")
        assert looks == 5


async def show(page: Page, *, is_hidden: bool) -> None:
    """Put the page behind others, or before them."""
    await page.evaluate(
        """isHidden => {
            Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )
