"""What is done with sessions on the dashboard."""

import asyncio
import shutil

from playwright.async_api import Browser, Route, expect

from tests.browser.dashboard import choose, code_on, dashboard, session
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones


async def test_a_session_is_deleted_only_after_a_question(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        question = page.get_by_role("dialog", name="Delete “shop”?")
        await choose(page, "Delete")
        await expect(question).to_contain_text("deleted permanently")
        await expect(question.get_by_role("button", name="Cancel")).to_be_focused()
        await shown.keep("dashboard-question")
        assert await shown.barriers() == []
        await page.keyboard.press("Escape")
        await expect(question).to_be_hidden()
        assert (await motte.look())["status"] == "qr_waiting"

        await choose(page, "Delete")
        await question.get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("No sessions yet")).to_be_visible()
        (await motte.get(params={"refresh": "false"})).problem(404, "session-not-found")


async def test_a_menu_at_the_lower_end_of_the_screen_opens_upward(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte, size=(1280, 380)) as shown:
        row = session(shown.page, "shop")
        await row.locator("summary").click()
        await expect(row.locator(".menu")).to_have_class("menu up")
        await expect(row.get_by_role("button", name="Restart", exact=True)).to_be_in_viewport(ratio=1)
        await expect(row.get_by_role("button", name="Delete", exact=True)).to_be_in_viewport(ratio=1)


async def test_a_session_is_stopped_started_restarted_and_logged_out(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        status = session(page, "shop").locator(".status")
        for deed, answer, after in (
            ("Stop", "Stop", "Stopped"),
            ("Start", "", "Connected"),
            ("Restart", "Restart", "Connected"),
            ("Log out of WhatsApp", "Log out", "Logged out"),
        ):
            if answer:
                await choose(page, deed)
                await page.get_by_role("dialog").get_by_role("button", name=answer).click()
            else:
                await session(page, "shop").get_by_role("button", name=deed).click()
            await expect(status).to_have_text(after)
        await session(page, "shop").get_by_role("button", name="Link again").click()
        await phones.scan(await code_on(shown))
        await expect(page.locator("#code")).to_have_attribute("data-state", "linked")


async def test_what_is_confirmed_while_the_session_is_busy_is_done_afterwards(
    motte: Motte, browser: Browser
) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        held = asyncio.Event()

        async def hold(route: Route) -> None:
            await held.wait()
            await route.continue_()

        await page.route("**/sessions/shop/restart", hold)
        for deed in ("Restart", "Stop"):
            await choose(page, deed)
            await page.get_by_role("dialog").get_by_role("button", name=deed).click()
        held.set()
        await expect(session(page, "shop").locator(".status")).to_have_text("Stopped")


async def failed(motte: Motte, phones: Phones) -> None:
    """A linked session that another process has taken over."""
    await motte.connect()
    await phones.misbehave(streamErrorOnLogin="conflict")
    await phones.drop()
    await motte.until("failed")
    await phones.misbehave()


async def test_a_session_that_failed_is_tried_again_and_keeps_its_link(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await failed(motte, phones)
    async with dashboard(browser, motte) as shown:
        row = session(shown.page, "shop")
        await expect(row.locator(".first")).to_have_text("Try again")
        await row.locator(".first").click()
        await expect(row.locator(".status")).to_have_text("Connected")
        assert (await phones.counts())[0] == 1
        assert not motte.folder.trash.exists()


async def test_a_link_is_discarded_only_after_its_number_was_named(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await failed(motte, phones)
    async with dashboard(browser, motte) as shown:
        page = shown.page
        question = page.get_by_role("dialog", name="Discard the link of “shop”?")
        await choose(page, "Discard and link again")
        await expect(question).to_contain_text(f"+{ANN}")
        await expect(question).to_contain_text("scan a new code")
        await expect(question.get_by_role("button", name="Cancel")).to_be_focused()
        await expect(question.get_by_role("button", name="Discard and link again")).to_have_class("grave")
        await shown.keep("dashboard-discard")
        assert await shown.barriers() == []
        await page.keyboard.press("Escape")
        assert (await motte.look())["status"] == "failed"

        await choose(page, "Discard and link again")
        await question.get_by_role("button", name="Discard and link again").click()
        await phones.scan(await code_on(shown), "15557654321")
        await expect(page.locator("#code")).to_have_attribute("data-state", "linked")
    assert len(list(motte.folder.trash.iterdir())) == 1
    shutil.rmtree(motte.folder.trash)


async def test_a_session_gets_new_names(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await choose(page, "Rename")
        naming = page.get_by_role("dialog", name="Rename “shop”")
        await expect(naming.get_by_label("Name optional")).to_be_focused()
        await shown.keep("dashboard-naming")
        assert await shown.barriers() == []
        await naming.get_by_label("Name optional").fill("The shop")
        await naming.get_by_label("Device name").fill("Till 2")
        await naming.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("link", name="The shop")).to_be_visible()
        renamed = await motte.look()
        assert (renamed["name"], renamed["deviceName"]) == ("The shop", "Till 2")

        await choose(page, "Rename", "The shop")
        naming = page.get_by_role("dialog", name="Rename “The shop”")
        await naming.get_by_label("Name optional").fill("")
        await naming.get_by_label("Device name").fill("")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="shop", exact=True)).to_be_visible()
        assert (await motte.look())["deviceName"] == "Motte"
