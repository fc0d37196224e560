"""The box on the page of a session that sends a text."""

import asyncio

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.dashboard import dashboard, key_of, session
from tests.browser.many import kept, row
from tests.browser.screen import SMALLEST
from tests.browser.test_messages import show, texts
from tests.support.motte import Motte
from tests.support.phones import BO, Phones

MESSAGES = "**/sessions/shop/messages"


async def fill(page: Page, text: str, to: str = "+49 151 12345678") -> None:
    await page.get_by_label("To", exact=True).fill(to)
    await page.get_by_label("Text", exact=True).fill(text)


async def inbox(phones: Phones) -> list[str]:
    """What the phone of the recipient shows."""
    return [message["text"] for message in (await phones.phone(BO))["inbox"]]


async def test_a_double_click_sends_one_text_and_the_page_says_once_it_is_delivered(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    async with dashboard(browser, motte, size=SMALLEST) as shown:
        page = await show(shown, motte)
        await fill(page, "Hello, Bo")
        await page.get_by_role("button", name="Send", exact=True).dblclick()
        said = page.locator("#writing-said")
        await expect(said).to_have_text(f"+{BO}: Delivered")
        await expect(texts(page)).to_have_text(["Hello, Bo"])
        await expect(page.get_by_label("Text", exact=True)).to_have_value("")
        await expect(page.get_by_role("alert")).to_have_count(0)

        await expect(page.locator("#phone-panel")).to_be_hidden()  # This Motte has no sandbox of its own.
        await page.get_by_label("Text", exact=True).press_sequentially("Again")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(texts(page)).to_have_text(["Again", "Hello, Bo"])
        await expect(page.locator("#messages .state")).to_have_text(["Delivered", "Delivered"])
        assert await inbox(phones) == ["Hello, Bo", "Again"]
        assert not await shown.overflows()
        await shown.keep("dashboard-writing")
        assert await shown.barriers() == []


async def test_a_request_whose_answer_is_lost_is_repeated_and_sends_one_text(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    keys: list[str] = []
    goes_on = asyncio.Event()

    async def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            await route.fetch()
            await goes_on.wait()
            await route.abort()
        else:
            await route.continue_()

    async with dashboard(browser, motte) as shown:
        page = await show(shown, motte)
        await page.route(MESSAGES, lose)
        send = page.get_by_role("button", name="Send", exact=True)
        await fill(page, "Once")
        await send.click()
        await expect(texts(page)).to_have_text(["Once"])
        await send.click()  # While the first request waits for its answer.
        goes_on.set()
        await expect(page.get_by_role("alert")).to_contain_text("Motte cannot be reached")
        await expect(page.get_by_label("Text", exact=True)).to_have_value("Once")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_label("Text", exact=True)).to_have_value("")
        await expect(page.get_by_role("alert")).to_have_count(0)
        await expect(texts(page)).to_have_text(["Once"])
        assert len(keys) == 2
        assert len(set(keys)) == 1

        await page.get_by_label("Text", exact=True).fill("Once")  # A person who wants it twice gets it twice.
        await send.click()
        await expect(texts(page)).to_have_text(["Once", "Once"])
        await expect(page.locator("#messages .state")).to_have_text(["Delivered", "Delivered"])
        assert await inbox(phones) == ["Once", "Once"]
        shown.complaints.clear()  # the browser's own, about a request that was cut


async def test_what_is_typed_stays_with_its_session_until_it_is_taken(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    async with kept(motte, [row("bakery")]), dashboard(browser, motte) as shown:
        page = await show(shown, motte)
        send = page.get_by_role("button", name="Send", exact=True)
        await send.click()
        await expect(page.get_by_role("alert")).to_contain_text("Enter to whom the text goes")
        await expect(page.get_by_label("To", exact=True)).to_be_focused()
        await fill(page, "x" * 65_537)
        await send.click()
        await expect(page.get_by_role("alert")).to_contain_text("Text: must have at most 65536 UTF-16 units")
        assert len(await page.get_by_label("Text", exact=True).input_value()) == 65_537
        await fill(page, "Hello", to="12")
        await send.click()
        await expect(page.get_by_role("alert")).to_contain_text("To: must be a phone number")
        await page.get_by_role("link", name="All sessions").click()

        await session(page, "bakery").get_by_role("link").click()
        await expect(page.locator("#writing-why")).to_contain_text("No account is linked to this session")
        await expect(send).to_be_hidden()
        await expect(page.get_by_label("Text", exact=True)).to_have_value("")
        await page.get_by_role("link", name="All sessions").click()

        await session(page, "shop").get_by_role("link").click()
        await expect(page.get_by_label("Text", exact=True)).to_have_value("Hello")
        await expect(page.get_by_role("alert")).to_have_count(0)
        await motte.tell("shop", "stop")
        await expect(page.locator("#writing-why")).to_contain_text("Messages wait until it is started")
        await motte.tell("shop", "start")
        await motte.until("connected")
        await phones.unlink()
        await expect(page.locator("#writing-why")).to_contain_text("Link it again to send messages")
        await expect(send).to_be_hidden()
        shown.complaints.clear()  # the browser's own, about the status 400 of an invalid number


async def test_only_who_may_send_sees_the_box(motte: Motte, phones: Phones, browser: Browser) -> None:
    await motte.connect()
    await phones.write("Hello")
    async with dashboard(browser, motte, key=await key_of(motte, "sessions:read")) as shown:
        page = await show(shown, motte)
        await expect(texts(page)).to_have_text(["Hello"])
        await expect(page.get_by_role("heading", name="Send a text")).to_be_hidden()
