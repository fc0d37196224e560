"""Who gets in to the dashboard, and what is offered to whom."""

import asyncio

from playwright.async_api import Browser, expect

from server.core.clock import SystemClock
from store.sqlite.store import open_store
from tests.browser.dashboard import KEY, code_on, dashboard, key_of, session, sign_in
from tests.browser.looks import LOOKS, look
from tests.browser.screen import screen
from tests.support.motte import Motte
from tests.support.phones import Phones
from tests.support.serve import API_KEY


@LOOKS
async def test_a_wrong_key_is_told_kindly_and_a_right_one_let_in_and_out(
    motte: Motte, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    async with screen(browser, f"{motte.serve.url()}/", size=size, dark=dark) as shown:
        page = shown.page
        await expect(page.get_by_label("API key")).to_be_focused()
        await sign_in(page, "wrong")
        await expect(page.get_by_role("alert")).to_contain_text("This key is not valid")
        await shown.keep(f"dashboard-wrong-{look(size, dark)}")
        assert await shown.barriers() == []
        await sign_in(page, API_KEY)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("API key")).to_be_focused()
        assert await page.context.cookies() == []
        shown.complaints.clear()  # the browser's own, about the status


async def test_who_signs_out_or_in_does_so_in_every_tab(motte: Motte, browser: Browser) -> None:
    async with await browser.new_context() as context:
        one, other = [await context.new_page() for _ in range(2)]
        for page in (one, other):
            await page.goto(f"{motte.serve.url()}/")
        await sign_in(one, API_KEY)
        await expect(one.locator("#link")).to_have_text("Live")
        await expect(other.locator("#link")).to_have_text("Live")
        for path in ("events", "connectors"):  # Nothing that it asks tells the tab of the end of its login.
            await one.route(f"**/{path}", lambda _: asyncio.Event().wait())
        await one.reload()
        await expect(one.get_by_role("button", name="Sign out")).to_be_visible()
        await other.get_by_role("button", name="Sign out").click()
        await expect(other.get_by_label("API key")).to_be_visible()
        await expect(one.get_by_label("API key")).to_be_visible()


async def test_what_a_key_may_not_do_is_not_offered(motte: Motte, browser: Browser) -> None:
    await motte.create()
    key = await key_of(motte, "sessions:read")
    async with dashboard(browser, motte, key=key) as shown:
        row = session(shown.page, "shop")
        await expect(row.get_by_role("button")).to_have_count(1)
        await expect(row.locator("summary")).to_be_hidden()
        await expect(shown.page.get_by_role("button", name="New session")).to_be_hidden()
        await row.get_by_role("button", name="Show code").click()
        await code_on(shown)
        await expect(shown.page.get_by_text("Type a code instead")).to_be_hidden()


async def test_who_is_signed_in_with_a_key_that_is_revoked_is_asked_for_another(
    motte: Motte, browser: Browser
) -> None:
    await motte.create()
    key = await key_of(motte, "sessions:read")
    async with dashboard(browser, motte, key=key) as shown:
        await expect(session(shown.page, "shop")).to_be_visible()
        async with open_store(motte.folder.database, boot_id=SystemClock().boot_id) as store:
            await store.keys.delete(KEY)
        await session(shown.page, "shop").get_by_role("button", name="Show code").click()
        await expect(shown.page.get_by_label("API key")).to_be_visible()
        shown.complaints.clear()  # the browser's own, about the status


async def test_a_key_that_may_not_look_is_told_so_and_nothing_is_waited_for(
    motte: Motte, browser: Browser
) -> None:
    async with screen(browser, f"{motte.serve.url()}/") as shown:
        page = shown.page
        await sign_in(page, await key_of(motte, "messages:write"))
        await expect(page.get_by_role("alert")).to_contain_text("lacks the scope sessions:read")
        await expect(page.locator("#link")).to_have_text("Not connected")
        await expect(page.get_by_text("Loading sessions")).to_be_hidden()
        await shown.keep("dashboard-forbidden")
        assert await shown.barriers() == []
        shown.complaints.clear()  # the browser's own, about the status


async def test_a_key_that_is_bound_to_sessions_sees_their_processes(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.create("other")
    await motte.connect("shop")
    key = await key_of(motte, "sessions:read", sessions=["shop"])
    async with dashboard(browser, motte, key=key) as shown:
        await expect(shown.page.locator("#list > tr")).to_have_count(1)
        await expect(session(shown.page, "shop").locator('[data-fact="memory"]')).to_contain_text("MiB")
