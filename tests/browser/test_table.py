"""The table of sessions: its order, its filters in the URL, its pages, and how it looks."""

import re
import time

from playwright.async_api import Browser, Page, expect

from store.records.sessions import Status
from tests.browser.dashboard import dashboard, session
from tests.browser.looks import EVERY_LOOK, look
from tests.browser.many import ASKED, CRASHED, UNLINKED, kept, row
from tests.browser.screen import SMALLEST
from tests.support.motte import Motte

#: Seconds that a change of the table may take with a thousand sessions.
FAST = 0.5

MIXED = [
    row("stopped", number=1),
    row("unlinked", Status.LOGGED_OUT, number=2, reason=UNLINKED),
    row("asked", Status.LOGGED_OUT, number=3, reason=ASKED),
    row("failed", Status.FAILED, number=4, reason=CRASHED, phone_number="15551234567", name="The shop"),
]


async def ids(page: Page) -> list[str]:
    """The sessions of the page that is shown, from top to bottom."""
    await expect(page.locator("#list > tr").first).to_be_visible()
    links = await page.locator("#list > tr a").evaluate_all("links => links.map(link => link.href)")
    return [link.partition("session=")[2].partition("&")[0] for link in links]


def header(page: Page, name: str) -> str:
    return f'th:has(span:text-is("{name}"))'


async def test_sessions_that_need_a_person_are_on_top(motte: Motte, browser: Browser) -> None:
    await motte.create("waiting")
    async with kept(motte, MIXED), dashboard(browser, motte) as shown:
        await expect(shown.page.locator("#list > tr")).to_have_count(5)
        assert await ids(shown.page) == ["unlinked", "failed", "waiting", "stopped", "asked"]


async def test_a_logout_that_was_asked_for_is_not_shown_as_trouble(motte: Motte, browser: Browser) -> None:
    async with kept(motte, MIXED), dashboard(browser, motte) as shown:
        for session_id, tone in (("unlinked", "bad"), ("failed", "bad"), ("asked", "quiet")):
            status = shown.page.locator(f'tr:has(a[href*="session={session_id}"]) .status')
            await expect(status).to_have_attribute("data-tone", tone)


async def test_columns_are_sorted_up_down_and_not(motte: Motte, browser: Browser) -> None:
    async with kept(motte, MIXED), dashboard(browser, motte) as shown:
        page = shown.page
        await expect(page.locator("#list > tr")).to_have_count(4)
        first = await ids(page)
        for direction, order in (
            ("ascending", ["asked", "stopped", "failed", "unlinked"]),
            ("descending", ["unlinked", "failed", "stopped", "asked"]),
            ("none", first),
        ):
            await page.get_by_role("button", name="Session", exact=True).press("Enter")
            await expect(page.locator(header(page, "Session"))).to_have_attribute("aria-sort", direction)
            assert await ids(page) == order


async def test_search_filter_and_order_survive_a_reload_and_the_back_button(
    motte: Motte, browser: Browser
) -> None:
    async with kept(motte, MIXED), dashboard(browser, motte) as shown:
        page = shown.page
        await page.get_by_role("button", name=re.compile("Logged out 2")).click()
        await page.get_by_role("button", name="Changed").click()
        await page.get_by_label("Search sessions").fill("sk")
        await expect(page.locator("#list > tr")).to_have_count(1)
        assert page.url.endswith("/?status=logged_out&search=sk&sort=changed")
        await page.reload()
        await expect(page.locator("#list > tr")).to_have_count(1)
        await expect(page.get_by_label("Search sessions")).to_have_value("sk")
        await expect(page.get_by_role("button", name="Logged out")).to_have_attribute("aria-pressed", "true")
        await session(page, "asked").get_by_role("link").click()
        await expect(page.get_by_role("heading", name="asked")).to_be_focused()
        await page.go_back()
        await expect(page.locator("#list > tr")).to_have_count(1)
        await expect(session(page, "asked").get_by_role("link")).to_be_focused()
        assert page.url.endswith("/?status=logged_out&search=sk&sort=changed")


async def test_a_thousand_sessions_are_shown_fifty_at_a_time_and_fast(motte: Motte, browser: Browser) -> None:
    rows = [row(f"s{number:04}", number=number) for number in range(1000)]
    async with kept(motte, rows), dashboard(browser, motte) as shown:
        page = shown.page
        await expect(page.locator("#count")).to_have_text("1000")
        assert await page.locator("#list > tr").count() == 50
        await expect(page.locator("#page")).to_have_text("Page 1 of 20")
        await page.get_by_role("link", name="Next").click()
        assert (await ids(page))[0] == "s0050"
        await page.reload()
        await expect(page.locator("#page")).to_have_text("Page 2 of 20")
        began = time.monotonic()
        await page.get_by_label("Search sessions").fill("s0999")
        await expect(page.locator("#count")).to_have_text("1 of 1000")
        took = time.monotonic() - began
        assert took < FAST
        await page.get_by_label("Search sessions").fill("")
        spent = await page.evaluate(
            """async () => {
                const header = document.querySelector('th[data-sort="name"] button');
                const began = performance.now();
                for (let time = 0; time < 6; time++) header.click();
                return (performance.now() - began) / 6;
            }"""
        )
        assert spent < FAST * 1000


async def test_a_page_that_is_no_more_shows_the_last_one(motte: Motte, browser: Browser) -> None:
    async with kept(motte, MIXED), dashboard(browser, motte) as shown:
        await shown.page.goto(f"{motte.serve.url()}/?page=7&sort=nothing&status=none")
        await expect(shown.page.get_by_text("Nothing matches")).to_be_visible()
        await shown.page.get_by_role("button", name="Show all sessions").click()
        await expect(shown.page.locator("#list > tr")).to_have_count(4)
        for sort in ("nothing", "__proto__", "-hasOwnProperty"):
            await shown.page.goto(f"{motte.serve.url()}/?page=7&sort={sort}")
            await expect(shown.page.locator("#list > tr")).to_have_count(4)


@EVERY_LOOK
async def test_rows_are_48_pixels_high_and_the_header_stays(
    motte: Motte, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    rows = [*MIXED, *(row(f"s{number}", number=10 + number) for number in range(30))]
    async with kept(motte, rows), dashboard(browser, motte, size=size, dark=dark) as shown:
        page = shown.page
        await expect(page.locator("#list > tr")).to_have_count(34)
        heights = await page.locator("#list > tr").evaluate_all("rows => rows.map(row => row.offsetHeight)")
        assert set(heights) <= {48, 49}  # with the line between two rows
        await shown.keep(f"dashboard-table-{look(size, dark)}")
        assert await shown.barriers() == []
        await page.mouse.wheel(0, 600)
        await page.evaluate("() => scrollTo(0, 600)")
        top = await page.locator(header(page, "Session")).evaluate("cell => cell.getBoundingClientRect().top")
        assert top == 0


async def test_the_smallest_screen_shows_every_row_without_scrolling_sideways(
    motte: Motte, browser: Browser
) -> None:
    async with kept(motte, MIXED), dashboard(browser, motte, size=SMALLEST) as shown:
        await expect(shown.page.locator("#list > tr")).to_have_count(4)
        await shown.keep("dashboard-table-smallest")
        assert not await shown.overflows()
        assert await shown.barriers() == []
        await session(shown.page, "The shop").locator("summary").click()
        await expect(session(shown.page, "The shop").get_by_role("button", name="Delete")).to_be_in_viewport(
            ratio=1
        )
        assert not await shown.overflows()


async def test_what_is_tapped_is_44_pixels_high_and_wide(motte: Motte, browser: Browser) -> None:
    async with kept(motte, MIXED), dashboard(browser, motte, size=SMALLEST) as shown:
        await expect(shown.page.locator("#list > tr")).to_have_count(4)
        tapped = shown.page.locator("button:visible, input:visible, summary:visible")
        sizes = await tapped.evaluate_all("all => all.map(e => [e.offsetWidth, e.offsetHeight, e.outerHTML])")
        assert len(sizes) > 10
        assert [size for size in sizes if min(size[:2]) < 44] == []


async def test_a_row_does_not_move_under_an_open_menu(motte: Motte, browser: Browser) -> None:
    await motte.create("waiting")
    async with kept(motte, MIXED), dashboard(browser, motte) as shown:
        page = shown.page
        await expect(page.locator("#list > tr")).to_have_count(5)
        before = await ids(page)
        await session(page, "waiting").locator("summary").click()
        await motte.tell("waiting", "stop")
        await expect(session(page, "waiting").locator(".status")).to_have_text("Stopped")
        assert await ids(page) == before
        await page.keyboard.press("Escape")
        await expect(session(page, "waiting").locator("summary")).to_be_focused()
        await expect(page.locator("#list > tr").nth(4)).to_contain_text("waiting")
        await expect(session(page, "waiting").locator("summary")).to_be_focused()
