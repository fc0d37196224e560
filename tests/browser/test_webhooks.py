"""The pages of webhooks."""

import re
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.dashboard import dashboard, key_of
from tests.browser.screen import SMALLEST
from tests.support.consumer import Consumer, consumer
from tests.support.motte import Motte
from tests.support.phones import Phones


@pytest.fixture
async def good(motte: Motte) -> AsyncGenerator[Consumer]:
    """A consumer of webhooks, and no webhook after the test."""
    async with consumer() as found:
        yield found
        for webhook in await webhooks(motte):
            await motte.ask("DELETE", f"/webhooks/{webhook['id']}")


async def webhooks(motte: Motte) -> list[dict[str, Any]]:
    return list((await motte.ask("GET", "/webhooks")).session()["items"])


async def answer(page: Page, verb: str) -> None:
    """Answer the question."""
    await page.locator("#question").get_by_role("button", name=verb, exact=True).click()


async def test_a_webhook_is_made_tested_paused_and_deleted(
    motte: Motte, phones: Phones, browser: Browser, good: Consumer
) -> None:
    async with dashboard(browser, motte, size=SMALLEST) as shown:
        page = shown.page
        await page.get_by_role("link", name="Webhooks").click()
        await expect(page.get_by_role("heading", name="Webhooks")).to_be_focused()
        await expect(page.get_by_text("No webhooks yet")).to_be_visible()
        assert await shown.barriers() == []
        await page.get_by_role("button", name="New webhook").click()
        creation = page.get_by_role("dialog", name="New webhook")
        await expect(creation.get_by_label("Address")).to_be_focused()
        await creation.get_by_label("Address").fill("ftp://example.com")
        await creation.get_by_role("button", name="Create").click()
        await expect(creation.get_by_role("alert")).to_contain_text("Address: must")
        await creation.get_by_label("Address").fill(good.url)
        await creation.get_by_label("session.status").check()
        await shown.keep("dashboard-webhook-creation")
        assert await shown.barriers() == []
        await creation.get_by_role("button", name="Create").click()

        secret = page.locator("#secret")
        await expect(secret).to_have_value(re.compile("^whsec_.{32}$"))
        assert await shown.barriers() == []
        first = await secret.input_value()
        await page.keyboard.press("Escape")
        await expect(secret).to_have_value("")
        await expect(page.locator("#webhooks > li")).to_contain_text("session.status")
        await expect(page.locator("#webhooks .status")).to_have_text("Working")
        assert not await shown.overflows()

        await motte.create()
        await good.until(1)
        await page.get_by_role("link", name=good.url).click()
        await expect(page.get_by_role("heading", name=good.url)).to_be_focused()
        await page.get_by_role("button", name="Send a test").click()
        await expect(page.locator("#webhook-said")).to_contain_text("Test delivered: HTTP 204")
        tries = page.locator("#webhook-tries > li")
        await expect(tries.filter(has_text="webhook.test: delivered, try 1, HTTP 204")).to_have_count(1)
        await expect(
            tries.filter(has_text="session.status of shop: delivered, try 1, HTTP 204")
        ).not_to_have_count(0)
        assert not await shown.overflows()
        await shown.keep("dashboard-webhook")
        assert await shown.barriers() == []

        await page.get_by_role("button", name="Pause").click()
        await answer(page, "Pause")
        await expect(page.locator("#webhook-status")).to_have_text("Disabled")
        await page.get_by_role("button", name="Enable").click()
        await expect(page.locator("#webhook-status")).to_have_text("Working")
        await page.get_by_role("button", name="New secret").click()
        await answer(page, "Make a secret")
        await expect(secret).to_have_value(re.compile("^whsec_"))
        assert await secret.input_value() != first
        await page.get_by_role("button", name="Done").click()

        await page.get_by_role("button", name="Delete").click()
        await expect(page.locator("#question")).to_contain_text(good.url)
        await answer(page, "Cancel")
        assert len(await webhooks(motte)) == 1
        await page.get_by_role("button", name="Delete").click()
        await answer(page, "Delete")
        await expect(page.get_by_text("No webhooks yet")).to_be_visible()
        await expect(page.get_by_role("heading", name="Webhooks")).to_be_focused()
        assert await webhooks(motte) == []
        shown.complaints.clear()  # the browser's own, about the status 400 of an invalid address


async def test_dead_events_are_tried_again_and_earlier_ones_replayed(
    motte: Motte, phones: Phones, browser: Browser, good: Consumer
) -> None:
    good.answers = [500]
    body = {"url": good.url, "types": ["session.deleted"], "sessions": ["hooked"], "giveUpAfter": 0}
    made = (await motte.ask("POST", "/webhooks", json=body)).session(201)
    await motte.create("hooked")
    await motte.delete("hooked")
    await good.until(1)
    async with dashboard(browser, motte) as shown:
        page = shown.page
        await page.goto(f"{motte.serve.url()}/?webhooks={made['id']}")
        dead = page.locator("#webhook-dead > li")
        await expect(dead).to_have_count(1)
        await expect(dead).to_contain_text("session.deleted of hooked: given up at try 1, HTTP 500")
        await shown.keep("dashboard-webhook-dead")
        assert await shown.barriers() == []
        await page.get_by_role("button", name="Try them again").press("Enter")
        await expect(page.locator("#webhook-said")).to_have_text("One event is tried again.")
        first, again = await good.until(2)
        assert (first.id, first.body) == (again.id, again.body)
        await expect(page.get_by_text("No event was given up")).to_be_visible()
        await expect(page.locator("#webhook-url")).to_be_focused()

        await page.get_by_role("button", name="Deliver again").click()
        await expect(page.get_by_role("alert")).to_contain_text("Enter a moment or a cursor")
        await page.get_by_label("Or all events after a cursor").fill("x")
        await page.get_by_role("button", name="Deliver again").click()
        await expect(page.get_by_role("alert")).to_contain_text("cursor")
        await page.get_by_label("Or all events after a cursor").fill("")
        await page.get_by_label("All events since").fill("2020-01-01T00:00")
        await page.get_by_role("button", name="Deliver again").click()
        await expect(page.locator("#webhook-said")).to_have_text("The events are delivered again.")
        assert (await good.until(3))[2].id == first.id
        shown.complaints.clear()  # the browser's own, about the status of a bad cursor


async def test_only_a_key_for_webhooks_sees_them(motte: Motte, browser: Browser) -> None:
    async with dashboard(browser, motte, key=await key_of(motte, "sessions:read")) as shown:
        await expect(shown.page.get_by_role("link", name="Webhooks")).to_be_hidden()
        await shown.page.goto(f"{motte.serve.url()}/?webhooks=all")
        await expect(shown.page.get_by_text("No sessions yet")).to_be_visible()
        await expect(shown.page.locator("#webhooks-page")).to_be_hidden()
