"""The dashboard, as somebody who looks after sessions uses it."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Dialog, Page, expect

from tests.browser.screen import DESKTOP, PHONE, SMALLEST, Screen, screen
from tests.browser.test_scan_page import EVERY_LOOK, LOOKS, look
from tests.end_to_end.motte import Motte
from tests.end_to_end.serve import API_KEY
from tests.end_to_end.whatsapp import BO, NotScanned, Phones
from tests.fakes.scanner import codes_in


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


def session(page: Page, text: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("listitem").filter(has_text=text)
