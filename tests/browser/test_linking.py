"""How a session is linked on the dashboard, from its creation to the scan."""

import re

from playwright.async_api import Browser, expect

from tests.browser.dashboard import code_on, create, dashboard, session
from tests.browser.looks import EVERY_LOOK, LOOKS, look
from tests.support.motte import Motte
from tests.support.phones import Phones


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
        await page.get_by_text("Send a link to the person who has the phone").click()
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
        shown.complaints.clear()  # the browser's own, about the status 400 of an invalid number


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
