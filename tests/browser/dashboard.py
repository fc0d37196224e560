"""The dashboard in a browser, and what people do there."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Locator, Page, expect

from server.auth.key_texts import digest
from server.core.clock import SystemClock
from store.sqlite.store import open_store
from tests.browser.screen import DESKTOP, Screen, screen
from tests.support.motte import Motte
from tests.support.serve import API_KEY

#: The name of the key that a test signs in with, where it is not an admin's.
KEY = "browser"

#: What stands for a value that is not known: an en dash.
NOTHING = "\N{EN DASH}"


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
    return page.locator("#list > tr").filter(has_text=text)


async def code_on(shown: Screen, *, other_than: str | None = None) -> str:
    """What a phone reads off the screen, once there is a code to read. other_than: one that is past."""
    await expect(shown.page.locator('#code[data-state="code"]')).to_be_visible()
    return await shown.read(other_than=other_than)


async def key_of(motte: Motte, *scopes: str, sessions: list[str] | None = None) -> str:
    """A key with these scopes and no other. sessions: those that it is bound to."""
    async with open_store(motte.folder.database, boot_id=SystemClock().boot_id) as store:
        await store.keys.add(KEY, digest(f"motte_{KEY}"), scopes, 0, sessions=sessions)
    return f"motte_{KEY}"
