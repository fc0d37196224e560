"""The page of one session."""

import re

from playwright.async_api import Browser, expect

from tests.browser.dashboard import NOTHING, code_on, dashboard, key_of, session
from tests.browser.looks import EVERY_LOOK, look
from tests.browser.screen import SMALLEST
from tests.support.motte import Motte
from tests.support.phones import Phones


@EVERY_LOOK
async def test_a_session_has_a_page_with_its_facts_and_the_log_of_its_process(
    motte: Motte, phones: Phones, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    await motte.connect()
    async with dashboard(browser, motte, size=size, dark=dark) as shown:
        page = shown.page
        await session(page, "shop").get_by_role("link").click()
        assert page.url.endswith("/?session=shop")
        await expect(page.get_by_role("heading", name="shop", exact=True)).to_be_focused()
        await expect(page).to_have_title(f"shop {NOTHING} Motte")
        await expect(page.locator("#session-status")).to_have_text("Connected")
        facts = page.locator("#session-facts")
        for fact, text in (
            ("id", "shop"),
            ("number", "+15551234567"),
            ("account", "Ann"),
            ("device", "Motte"),
            ("connected", "since "),
            ("process", "running, pid "),
            ("memory", " MiB"),
            ("restarts", "0"),
        ):
            await expect(facts.locator(f'[data-fact="{fact}"]')).to_contain_text(text)
        await expect(page.locator("#log-lines")).to_contain_text("event=started")
        assert not await shown.overflows()
        await shown.keep(f"dashboard-session-{look(size, dark)}")
        assert await shown.barriers() == []


async def test_the_page_survives_a_reload_and_leads_back(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte, size=SMALLEST) as shown:
        page = shown.page
        await page.goto(f"{motte.serve.url()}/?session=shop&status=qr_waiting")
        await expect(page.locator("#session-status")).to_have_text("Waiting for a scan")
        assert not await shown.overflows()
        await page.reload()
        await expect(page.locator("#session-status")).to_have_text("Waiting for a scan")
        await page.get_by_role("link", name="All sessions").click()
        assert page.url.endswith("/?status=qr_waiting")
        await expect(session(page, "shop").get_by_role("link")).to_be_focused()


async def test_what_happens_to_the_session_is_listed(motte: Motte, phones: Phones, browser: Browser) -> None:
    await motte.connect()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await session(page, "shop").get_by_role("link").click()
        await expect(page.get_by_text("Nothing has happened since")).to_be_visible()
        await phones.unlink()
        await expect(page.locator("#events > li").first).to_contain_text(
            "Logged out: the phone unlinked this device"
        )
        await expect(page.locator("#session-reason")).to_contain_text("the phone unlinked this device")
        await expect(page.locator('#session-facts [data-fact="memory"]')).to_have_text(NOTHING)
        await expect(page.get_by_text("Nothing has happened since")).to_be_hidden()


async def test_the_code_is_shown_and_the_session_renamed_on_its_page(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await page.goto(f"{motte.serve.url()}/?session=shop")
        await page.get_by_role("button", name="Show code").click()
        await phones.scan(await code_on(shown))
        await page.get_by_role("button", name="Done").click()
        await expect(page.locator("#session-status")).to_have_text("Connected")
        await expect(page.locator("#session-name")).to_be_focused()

        await page.get_by_role("button", name="Rename").click()
        await page.get_by_role("dialog").get_by_label("Name optional").fill("The shop")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("heading", name="The shop")).to_be_visible()
        await expect(page.get_by_role("button", name="Rename")).to_be_focused()
        await expect(page).to_have_title(f"The shop {NOTHING} Motte")
        await expect(page.locator("#events > li").first).to_contain_text("It is now called “The shop”")


async def test_a_session_that_is_deleted_or_unknown_is_said_to_be_no_more(
    motte: Motte, browser: Browser
) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await page.goto(f"{motte.serve.url()}/?session=shop")
        await page.locator("#session-deeds summary").click()
        await page.get_by_role("button", name="Delete", exact=True).click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("There is no session with this id")).to_be_visible()
        await expect(page.locator("#session-name")).to_be_focused()
        await page.get_by_role("link", name="All sessions").click()
        await expect(page.get_by_text("No sessions yet")).to_be_visible()
        await page.goto(f"{motte.serve.url()}/?session=%3Cb%3E")
        await expect(page.get_by_text("There is no session with this id")).to_be_visible()
        await expect(page.get_by_role("heading", name="<b>")).to_be_visible()


async def test_only_an_admin_sees_the_log(motte: Motte, browser: Browser) -> None:
    await motte.create()
    key = await key_of(motte, "sessions:read")
    async with dashboard(browser, motte, key=key) as shown:
        page = shown.page
        await session(page, "shop").get_by_role("link").click()
        await expect(page.locator('#session-facts [data-fact="id"]')).to_have_text("shop")
        await expect(page.locator("#log")).to_be_hidden()
        await expect(page.locator("#session-deeds summary")).to_be_hidden()
        await expect(page.get_by_role("button", name="Rename")).to_be_hidden()


async def test_the_log_is_followed_and_may_be_read_again(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await session(page, "shop").get_by_role("link").click()
        lines = page.locator("#log-lines")
        await expect(lines).to_contain_text("event=qr_issued")
        await motte.tell("shop", "stop")
        await expect(lines).to_contain_text(re.compile("event=ended"))
        log = motte.folder.logs / "connector-shop.log"
        log.write_text("session=shop event=of-the-test\n")
        await page.get_by_role("button", name="Read again").click()
        await expect(lines).to_have_text("session=shop event=of-the-test")
        await page.route("**/connector/log*", lambda route: route.abort())
        await page.get_by_role("button", name="Read again").click()
        await expect(page.locator("#log").get_by_role("alert")).to_contain_text("Motte cannot be reached")
        shown.complaints.clear()  # the browser's own, about a request that was cut
