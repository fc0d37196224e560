"""Where the keyboard goes on after the element that had the focus is gone."""

from playwright.async_api import Browser, expect

from tests.browser.dashboard import choose, dashboard, session
from tests.browser.many import kept, row
from tests.support.motte import Motte
from tests.support.phones import Phones


async def test_start_hands_the_focus_to_the_menu_of_its_row(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    async with dashboard(browser, motte) as shown:
        shop = session(shown.page, "shop")
        await shop.get_by_role("button", name="Start").press("Enter")
        await expect(shop.locator(".status")).to_have_text("Connected")
        await expect(shop.locator("summary")).to_be_focused()


async def test_a_row_that_leaves_the_table_hands_the_focus_to_its_heading(
    motte: Motte, browser: Browser
) -> None:
    await motte.create()
    async with kept(motte, [row("other")]), dashboard(browser, motte) as shown:
        page = shown.page
        await expect(page.locator("#list > tr")).to_have_count(2)
        await page.get_by_role("button", name="Waiting for a scan 1").click()
        await choose(page, "Stop")
        await page.get_by_role("dialog").get_by_role("button", name="Stop").click()
        await expect(page.get_by_text("Nothing matches")).to_be_visible()
        await expect(page.locator("#sessions")).to_be_focused()


async def test_a_code_that_is_closed_after_the_first_creation_leaves_a_focus(
    motte: Motte, browser: Browser
) -> None:
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await page.get_by_role("button", name="Create the first session").click()
        await page.get_by_label("Id").fill("shop")
        await page.keyboard.press("Enter")
        await expect(page.locator("#code-title")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#code")).to_be_hidden()
        await expect(page.locator("#sessions")).to_be_focused()


async def test_a_notice_that_is_dismissed_leaves_a_focus(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await page.route("**/sessions/shop/restart", lambda route: route.abort())
        await choose(page, "Restart")
        await page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        await page.get_by_role("button", name="Dismiss").press("Enter")
        await expect(page.get_by_role("alert")).to_have_count(0)
        await expect(page.locator("#sessions")).to_be_focused()
        shown.complaints.clear()  # the browser's own, about a request that was cut


async def test_a_menu_is_closed_by_escape_by_a_click_and_by_the_focus_elsewhere(
    motte: Motte, browser: Browser
) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page, menu = shown.page, session(shown.page, "shop").locator(".menu")
        summary = menu.locator("summary")
        await summary.press("Enter")
        await page.keyboard.press("Escape")
        await expect(menu).not_to_have_attribute("open", "")
        await expect(summary).to_be_focused()
        await summary.click()
        await page.locator("h1:visible").click()
        await expect(menu).not_to_have_attribute("open", "")
        await summary.click()
        await page.keyboard.press("Shift+Tab")
        await expect(menu).not_to_have_attribute("open", "")
