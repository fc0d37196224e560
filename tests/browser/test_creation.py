"""The form that makes a session, where it is filled in wrongly."""

from playwright.async_api import Browser, expect

from tests.browser.dashboard import create, dashboard
from tests.support.motte import Motte


async def test_a_rule_that_is_broken_is_said_of_its_field(motte: Motte, browser: Browser) -> None:
    async with dashboard(browser, motte) as shown:
        await create(shown.page, "bad id!")
        await expect(shown.page.get_by_role("alert")).to_contain_text("Id: must be 1 to 64 of the characters")
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
