"""Codes that are replaced before their time, and codes to type that outlive those to scan."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.dashboard import code_on, create, dashboard
from tests.browser.screen import PHONE, screen
from tests.browser.test_scan_page import link
from tests.support.motte import Motte
from tests.support.phones import NotScanned, Phones

#: Seconds that each code is shown, as MOTTE_QR_LIFETIME of conftest.py says.
LIFETIME = 6.0


def ref_of(code: str) -> str:
    return code.partition("#")[2].partition(",")[0]


async def test_the_dashboard_shows_the_new_secret_of_a_code_at_once(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await phones.misbehave(refreshRegistration=True)
    async with dashboard(browser, motte) as shown:
        await create(shown.page, "shop")
        first = await code_on(shown)
        with pytest.raises(NotScanned, match="secret-retired"):
            await phones.scan(first)
        renewed = await code_on(shown, other_than=first)
        assert ref_of(renewed) == ref_of(first)
        await phones.scan(renewed)
        await expect(shown.page.locator("#code")).to_have_attribute("data-state", "linked")


async def test_the_page_of_a_link_shows_the_new_secret_of_a_code_at_once(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await phones.misbehave(refreshRegistration=True)
    async with screen(browser, await link(motte), size=PHONE) as shown:
        first = await shown.code()
        with pytest.raises(NotScanned, match="secret-retired"):
            await phones.scan(first)
        renewed = await shown.code(other_than=first)
        assert ref_of(renewed) == ref_of(first)
        await phones.scan(renewed)
        await shown.state("linked")


async def test_who_types_a_pairing_code_before_the_dashboard_keeps_it_after_the_last_qr_code(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await phones.show_codes_for(LIFETIME, count=1)
    async with dashboard(browser, motte) as shown:
        typed = await typed_code(shown.page)
        await expect(shown.page.locator("#headline")).to_have_text("A pairing code is in use", timeout=15_000)
        await expect(shown.page.locator("#typed")).to_have_text(typed)
        await phones.type_code(typed.replace("-", ""))
        await expect(shown.page.locator("#code")).to_have_attribute("data-state", "linked")
        assert (await phones.counts())[0] == 1


async def test_a_pairing_code_whose_connection_has_ended_is_not_shown_on(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await phones.show_codes_for(LIFETIME, count=1, ended_after=LIFETIME + 2)
    async with dashboard(browser, motte) as shown:
        await typed_code(shown.page)
        await expect(shown.page.locator("#typed-over")).to_be_visible(timeout=15_000)
        await expect(shown.page.locator("#typed")).to_have_text("")
        await phones.scan(await code_on(shown))
        await expect(shown.page.locator("#code")).to_have_attribute("data-state", "linked")


async def typed_code(page: Page) -> str:
    """The pairing code that the dashboard shows of a new session."""
    await create(page, "shop")
    await page.get_by_text("Type a code instead").click()
    await page.get_by_label("Phone number").fill("15551234567")
    await page.get_by_role("button", name="Get code").click()
    await expect(page.locator("#typed")).to_have_text(re.compile("^[A-Z0-9]{4}-[A-Z0-9]{4}$"))
    return await page.locator("#typed").inner_text()
