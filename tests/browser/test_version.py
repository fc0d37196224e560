"""What the dashboard says of the version that sessions announce."""

import pytest
from playwright.async_api import Browser, Route, expect

from server.whatsapp_version.revisions import BUILT_IN, version_of
from tests.browser.dashboard import dashboard
from tests.support.motte import Motte

VERSION = {"version": "2.3000.7", "source": "announced", "ageDays": 101, "isOld": True, "isRefused": False}


async def test_the_dashboard_names_the_version_and_where_it_comes_from(
    motte: Motte, browser: Browser
) -> None:
    async with dashboard(browser, motte) as shown:
        line = shown.page.locator("#version")
        await expect(line).to_contain_text(f"WhatsApp Web {version_of(BUILT_IN)}, built in")
        assert await shown.barriers() == []


@pytest.mark.parametrize(
    ("is_refused", "words"),
    [(False, "WhatsApp may refuse this version soon"), (True, "WhatsApp refuses this version")],
)
async def test_a_version_that_is_old_or_refused_is_warned_of(
    motte: Motte, browser: Browser, is_refused: bool, words: str
) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(json={"items": [], "whatsappVersion": VERSION | {"isRefused": is_refused}})

    async with dashboard(browser, motte) as shown:
        await shown.page.route("**/connectors", answer)
        await shown.page.reload()
        line = shown.page.locator("#version")
        await expect(line).to_contain_text("2.3000.7, announced by WhatsApp, 101 days old")
        await expect(line).to_contain_text(words)
        await shown.keep("dashboard-version")
        assert await shown.barriers() == []
