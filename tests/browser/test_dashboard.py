"""The dashboard, as somebody who looks after sessions uses it."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Locator, Page, expect

from server.clock import SystemClock
from server.keys import digest
from store.database import Database
from store.keys import Keys
from tests.browser.screen import DESKTOP, SMALLEST, Screen, screen
from tests.browser.test_scan_page import EVERY_LOOK, LOOKS, look
from tests.end_to_end.motte import Motte
from tests.end_to_end.serve import API_KEY
from tests.end_to_end.whatsapp import Phones


@asynccontextmanager
async def dashboard(
    browser: Browser, motte: Motte, *, size: tuple[int, int] = DESKTOP, dark: bool = False, key: str = API_KEY
) -> AsyncGenerator[Screen]:
    """The dashboard, signed in to."""
    async with screen(browser, f"{motte.serve.url()}/", size=size, dark=dark) as shown:
        await sign_in(shown.page, key)
        await expect(shown.page.locator("#link")).to_have_text("Live")
        yield shown


async def sign_in(page: Page, key: str) -> None:
    await page.get_by_label("API key").fill(key)
    await page.get_by_role("button", name="Sign in").click()


async def create(page: Page, session_id: str, name: str = "") -> None:
    await page.get_by_role("button", name=re.compile("New session|Create the first session")).first.click()
    creation = page.get_by_role("dialog", name="New session")
    await creation.get_by_label("Name").fill(name)
    await creation.get_by_label("Id").fill(session_id)
    await creation.get_by_role("button", name="Create").click()


async def choose(page: Page, deed: str, session_id: str = "shop") -> None:
    """Something from the menu of a session."""
    row = session(page, session_id)
    await row.locator("summary").click()
    await row.get_by_role("button", name=deed, exact=True).click()


def session(page: Page, text: str) -> Locator:
    """Its row."""
    return page.locator("#list > li").filter(has_text=text)


async def code_on(shown: Screen, *, other_than: str | None = None) -> str:
    """What a phone reads off the screen, once there is a code to read. other_than: one that is past."""
    await expect(shown.page.locator('#code[data-state="code"]')).to_be_visible()
    return await shown.read(other_than=other_than)


@EVERY_LOOK
async def test_a_session_is_created_its_codes_change_and_a_phone_links_it(
    motte: Motte, phones: Phones, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    await phones.misbehave(loginFailure={"value": 503, "times": 2})  # the link takes a moment to open
    async with dashboard(browser, motte, size=size, dark=dark) as shown:
        page, code = shown.page, shown.page.locator("#code")
        await expect(page.get_by_text("No sessions yet")).to_be_visible()
        await shown.keep(f"dashboard-empty-{look(size, dark)}")
        assert await shown.barriers() == []

        await create(page, "shop", "The flower shop")
        await expect(code.get_by_role("heading", level=2)).to_have_text("Link “The flower shop”")
        first = await code_on(shown)
        await expect(code.get_by_role("timer")).to_contain_text("The code changes in")
        await shown.keep(f"dashboard-code-{look(size, dark)}")
        assert await shown.barriers() == []
        assert not await shown.overflows()
        assert await code_on(shown, other_than=first) != first

        await phones.scan((await motte.read())["qrCode"])
        await expect(code).to_have_attribute("data-state", "scanned")
        await expect(code.get_by_role("status").first).to_contain_text("Scanned")
        await expect(code).to_have_attribute("data-state", "linked")
        await expect(code.get_by_role("status").first).to_contain_text("Connected")
        await expect(code.get_by_role("button", name="Done")).to_be_focused()
        await shown.keep(f"dashboard-linked-{look(size, dark)}")
        assert await shown.barriers() == []

        await page.keyboard.press("Enter")
        await expect(code).to_be_hidden()
        row = session(page, "The flower shop")
        await expect(row).to_contain_text("+15551234567")
        await expect(row.locator(".status")).to_have_text("Connected")
        await expect(row.locator('[data-fact="memory"]')).to_contain_text("MiB")
        await shown.keep(f"dashboard-list-{look(size, dark)}")
        assert await shown.barriers() == []
        assert not await shown.overflows()


async def test_what_is_read_off_the_dashboard_is_what_whatsapp_lets_in(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    async with dashboard(browser, motte) as shown:
        await create(shown.page, "shop")
        await phones.scan(await code_on(shown))
        await expect(shown.page.locator("#code")).to_have_attribute("data-state", "linked")


async def test_a_code_can_be_typed_and_a_link_be_sent_instead(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await create(page, "shop")
        await code_on(shown)
        await page.get_by_text("Send a link to whoever holds the phone").click()
        await page.get_by_role("button", name="Copy a scan link").click()
        await expect(page.get_by_label("Scan link", exact=True)).to_have_value(re.compile("/scan/"))
        await page.get_by_text("Type a code instead").click()
        await page.get_by_label("Phone number").fill("12")
        await page.get_by_role("button", name="Get code").click()
        await expect(page.get_by_role("alert")).to_contain_text(
            "Phone number: must be 7 to 15 digits with the country code"
        )
        await page.get_by_label("Phone number").fill("+1 (555) 123-4567")
        await page.get_by_role("button", name="Get code").click()
        await expect(page.locator("#typed")).to_have_text(re.compile("^[A-Z0-9]{4}-[A-Z0-9]{4}$"))
        await expect(page.get_by_text("Link with phone number instead")).to_be_visible()
        await expect(page.get_by_role("timer")).to_be_hidden()
        await shown.keep("dashboard-other-ways")
        assert await shown.barriers() == []
        await phones.type_code((await page.locator("#typed").inner_text()).replace("-", ""))
        await expect(page.locator("#code")).to_have_attribute("data-state", "linked")
        shown.complaints.clear()  # the browser's own, about the status of a number that is none


async def test_a_session_is_deleted_only_after_a_question(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        page = shown.page
        question = page.get_by_role("dialog", name="Delete “shop”?")
        await choose(page, "Delete")
        await expect(question).to_contain_text("removed for good")
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
    async with dashboard(browser, motte, size=(1280, 300)) as shown:
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


async def test_sessions_are_found_by_words_and_by_status(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect("shop")
    await motte.create("bakery")
    async with dashboard(browser, motte) as shown:
        page, rows = shown.page, shown.page.locator("#list > li:visible")
        await expect(rows).to_have_count(2)
        search = page.get_by_label("Search sessions")
        await search.fill("+1555")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("shop")
        await expect(page.locator("#count")).to_have_text("1 of 2")
        await search.fill("")
        await page.get_by_label("Status").select_option("qr_waiting")
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
        heading = session(shown.page, "shop").get_by_role("heading")
        await expect(heading).to_have_text(name)
        await shown.keep("dashboard-smallest")
        assert not await shown.overflows()


async def test_a_rule_that_is_broken_is_said_of_its_field(motte: Motte, browser: Browser) -> None:
    async with dashboard(browser, motte) as shown:
        await create(shown.page, "bad id!")
        await expect(shown.page.get_by_role("alert")).to_contain_text("Id: must be 1 to 64 letters")
        await expect(shown.page.get_by_role("alert")).not_to_contain_text("/id")
        shown.complaints.clear()  # the browser's own, about the status


async def test_an_id_that_is_taken_is_told_where_it_was_written(motte: Motte, browser: Browser) -> None:
    await motte.create()
    async with dashboard(browser, motte) as shown:
        await create(shown.page, "shop")
        await expect(shown.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("session")
        await shown.keep("dashboard-taken")
        assert await shown.barriers() == []
        shown.complaints.clear()  # the browser's own, about the status


@LOOKS
async def test_where_whatsapp_cannot_be_reached_the_dialog_says_so_and_goes_on_trying(
    motte: Motte, phones: Phones, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    await phones.show_codes_for(6, count=1)
    await motte.create()
    await phones.misbehave(refuse=True)
    async with dashboard(browser, motte, size=size, dark=dark) as shown:
        await session(shown.page, "shop").get_by_role("button", name="Show code").click()
        code = shown.page.locator("#code")
        await expect(code).to_have_attribute("data-state", "trouble")
        await expect(code.get_by_role("status").first).to_contain_text("WhatsApp")
        await expect(code.get_by_role("button", name="Try again")).to_be_visible()
        await shown.keep(f"dashboard-trouble-{look(size, dark)}")
        assert await shown.barriers() == []
        await phones.misbehave()
        await code.get_by_role("button", name="Try again").click()
        assert await code_on(shown) is not None
        shown.complaints.clear()  # the browser's own, about a picture that was not to be had


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
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("alert")).to_have_count(0)
        shown.complaints.clear()  # the browser's own, about a server that was away


@LOOKS
async def test_a_wrong_key_is_told_kindly_and_a_right_one_let_in_and_out(
    motte: Motte, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    async with screen(browser, f"{motte.serve.url()}/", size=size, dark=dark) as shown:
        page = shown.page
        await expect(page.get_by_label("API key")).to_be_focused()
        await sign_in(page, "wrong")
        await expect(page.get_by_role("alert")).to_contain_text("Motte does not know this key")
        await shown.keep(f"dashboard-wrong-{look(size, dark)}")
        assert await shown.barriers() == []
        await sign_in(page, API_KEY)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("API key")).to_be_focused()
        assert await page.context.cookies() == []
        shown.complaints.clear()  # the browser's own, about the status


async def test_what_a_key_may_not_do_is_not_offered(motte: Motte, browser: Browser) -> None:
    await motte.create()
    key = await reading_key(motte)
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
    key = await reading_key(motte)
    async with dashboard(browser, motte, key=key) as shown:
        await expect(session(shown.page, "shop")).to_be_visible()
        async with await Database.open(motte.folder.database, boot_id=SystemClock().boot_id) as database:
            await Keys(database).delete("reader")
        await session(shown.page, "shop").get_by_role("button", name="Show code").click()
        await expect(shown.page.get_by_label("API key")).to_be_visible()
        shown.complaints.clear()  # the browser's own, about the status


async def reading_key(motte: Motte) -> str:
    """A key that may look, and do nothing."""
    async with await Database.open(motte.folder.database, boot_id=SystemClock().boot_id) as database:
        await Keys(database).add("reader", digest("motte_reader"), ["sessions:read"], 0)
    return "motte_reader"
