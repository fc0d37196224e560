"""The phone number on the scan page: on a phone, where WhatsApp is, it comes before the QR code."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.screen import DESKTOP, PHONE, SMALLEST, Screen, screen
from tests.browser.test_scan_page import link
from tests.support.motte import Motte
from tests.support.phones import Phones

NUMBER = "15551234567"

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36"


@asynccontextmanager
async def on_a_phone(
    browser: Browser, url: str, *, language: str = "en-US", size: tuple[int, int] = PHONE, dark: bool = False
) -> AsyncGenerator[Screen]:
    async with screen(browser, url, size=size, dark=dark, user_agent=ANDROID, locale=language) as shown:
        yield shown


async def get_code(page: Page, number: str = "+1 (555) 123-4567") -> str:
    """The code that the page shows for the number."""
    await page.locator("#number").fill(number)
    await page.locator("#number-form button").click()
    code = page.locator("#typed-code")
    await expect(code).to_have_text(re.compile(r"\w{4}-\w{4}"))
    return str(await code.text_content()).replace("-", "")


async def top(page: Page, selector: str) -> float:
    box = await page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("dark", [False, True])
async def test_a_phone_is_linked_with_its_number_alone(
    motte: Motte, phones: Phones, browser: Browser, dark: bool
) -> None:
    async with on_a_phone(browser, await link(motte), dark=dark) as shown:
        page = shown.page
        assert await top(page, "#number") < await top(page, "#picture")
        await shown.keep(f"number-{'dark' if dark else 'light'}")
        assert await shown.barriers() == []
        code = await get_code(page)
        await expect(page.get_by_role("heading", name="Type this code on the phone")).to_be_focused()
        await expect(page.locator("#typed-left")).to_contain_text("The code is valid for")
        await shown.keep(f"typed-{'dark' if dark else 'light'}")
        assert await shown.barriers() == []
        assert not await shown.overflows()
        await phones.type_code(code)
        await shown.state("linked")
        await expect(page.locator("#typed")).to_be_hidden()
        await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def test_the_code_is_copied(motte: Motte, browser: Browser) -> None:
    async with on_a_phone(browser, await link(motte)) as shown:
        await shown.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        code = await get_code(shown.page)
        await shown.page.get_by_role("button", name="Copy the code").click()
        await expect(shown.page.locator("#number-news")).to_have_text("The code was copied.")
        assert await shown.page.evaluate("() => navigator.clipboard.readText()") == code


async def test_a_prefix_that_is_dialled_inside_the_country_is_dropped(motte: Motte, browser: Browser) -> None:
    async with on_a_phone(browser, await link(motte)) as shown:
        async with shown.page.expect_request(re.compile("pairing-code$")) as requested:
            await get_code(shown.page, "0049 (0)30 1234567")
        assert (await requested.value).post_data_json == {"phoneNumber": "49301234567"}


async def test_on_a_desktop_the_qr_code_comes_first(motte: Motte, browser: Browser) -> None:
    async with screen(browser, await link(motte), size=DESKTOP) as shown:
        await shown.code()
        assert await top(shown.page, "#picture") < await top(shown.page, "#number")
        await get_code(shown.page)
        await shown.state("code")


@pytest.mark.parametrize(
    ("language", "button", "refusal", "undo"),
    [
        ("en-US", "Get a code", "Enter 7 to 15 digits", "To undo it"),
        ("es-MX", "Obtener un código", "Escribe de 7 a 15 cifras", "Para deshacerlo"),
        ("pt-BR", "Obter um código", "Digite de 7 a 15 algarismos", "Para desfazer"),
    ],
)
async def test_the_page_speaks_the_language_of_the_phone(
    motte: Motte, browser: Browser, language: str, button: str, refusal: str, undo: str
) -> None:
    async with on_a_phone(browser, await link(motte), language=language, size=SMALLEST) as shown:
        page = shown.page
        await expect(page.get_by_text(undo)).to_be_visible()
        await page.locator("#number").fill("12")
        await page.get_by_role("button", name=button).click()
        await expect(page.get_by_role("alert")).to_contain_text(refusal)
        await expect(page.locator("#number")).to_be_focused()
        await expect(page.locator("html")).to_have_attribute("lang", language[:2])
        await shown.keep(f"number-{language[:2]}")
        assert await shown.barriers() == []
        assert not await shown.overflows()
        shown.complaints.clear()  # the browser's own, about the status


async def test_a_server_that_is_away_is_named(motte: Motte, browser: Browser) -> None:
    async with on_a_phone(browser, await link(motte)) as shown:
        await shown.page.route("**/pairing-code", lambda route: route.abort())
        await shown.page.locator("#number").fill(NUMBER)
        await shown.page.get_by_role("button", name="Get a code").click()
        await expect(shown.page.get_by_role("alert")).to_contain_text("The service cannot be reached")
        shown.complaints.clear()  # the browser's own


async def test_a_code_that_has_expired_says_so_and_another_can_be_had(motte: Motte, browser: Browser) -> None:
    async with on_a_phone(browser, await link(motte)) as shown:
        page = shown.page
        answer = {"code": "ABCD2345", "secondsLeft": 0.1}
        await page.route("**/pairing-code", lambda route: route.fulfill(json=answer))
        await get_code(page)
        await expect(page.locator("#number-news")).to_have_text("This code has expired.")
        await expect(page.get_by_role("button", name="Copy the code")).to_be_hidden()
        await page.get_by_role("button", name="Get another code").click()
        await expect(page.locator("#number")).to_be_focused()


async def test_what_is_tapped_is_44_pixels_high(motte: Motte, browser: Browser) -> None:
    async with on_a_phone(browser, await link(motte)) as shown:
        heights = "elements => elements.filter(e => e.offsetParent).map(e => e.offsetHeight)"
        tapped = shown.page.locator("button, input, a")
        before = await tapped.evaluate_all(heights)
        await get_code(shown.page)
        after = await tapped.evaluate_all(heights)
        assert len(before) == len(after) == 2
        assert min(before + after) >= 44


async def test_nothing_moves_when_the_code_changes(motte: Motte, browser: Browser) -> None:
    async with on_a_phone(browser, await link(motte)) as shown:
        await shown.state("code")
        first = await shown.page.locator("#picture").get_attribute("src")
        await shown.page.evaluate(
            """() => {
                window.moved = 0;
                const see = (list) => list.getEntries().forEach((entry) => { window.moved += entry.value; });
                new PerformanceObserver(see).observe({ type: "layout-shift" });
            }"""
        )
        for _ in range(2):
            await expect(shown.page.locator("#picture")).not_to_have_attribute("src", str(first))
            first = await shown.page.locator("#picture").get_attribute("src")
        assert await shown.page.evaluate("() => window.moved") == 0


async def test_without_javascript_no_number_is_asked_for(motte: Motte, browser: Browser) -> None:
    async with screen(browser, await link(motte), size=PHONE, script=False, user_agent=ANDROID) as shown:
        await expect(shown.page.locator("#number")).to_be_hidden()
        await expect(shown.page.locator("#picture")).to_be_visible()
