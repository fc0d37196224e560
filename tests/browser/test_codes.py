"""The code on the dashboard that is no more, or that comes when nobody needs it."""

import asyncio
import json

import pytest
from playwright.async_api import Browser, Route, expect

from tests.browser.dashboard import code_on, create, dashboard, session
from tests.support.motte import Motte
from tests.support.phones import Phones


@pytest.mark.parametrize("is_refused", [False, True], ids=["drawn", "refused"])
async def test_a_picture_that_comes_after_the_scan_changes_nothing(
    motte: Motte, phones: Phones, browser: Browser, is_refused: bool
) -> None:
    await phones.misbehave(loginFailure={"value": 503, "times": 2})  # the link takes a moment to open
    asked, scanned = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        before = None if is_refused else await route.fetch()
        asked.set()
        await scanned.wait()
        await route.fulfill(response=before or await route.fetch())

    async with dashboard(browser, motte) as shown:
        code = shown.page.locator("#code")
        await shown.page.route("**/qr?format=svg", late)
        await create(shown.page, "shop")
        await asked.wait()
        await phones.scan((await motte.read())["qrCode"])
        await expect(code).to_have_attribute("data-state", "scanned")
        async with shown.page.expect_event("requestfinished", lambda request: "/qr?" in request.url):
            scanned.set()
        await shown.page.evaluate("() => new Promise(requestAnimationFrame)")
        assert await code.get_attribute("data-state") in ("scanned", "linked")
        await expect(code).to_have_attribute("data-state", "linked")
        shown.complaints.clear()  # the browser's own, about the status


async def test_a_code_that_is_no_more_is_not_shown_on(motte: Motte, browser: Browser) -> None:
    there = await motte.create()
    gone = there | {"qrCode": None, "qrExpiresAt": None}
    subscription = iter([event("session.qr", there, retry=1), event("session.status", gone, retry=60_000)])
    drawn = asyncio.Event()

    async def tell(route: Route) -> None:
        told = next(subscription)
        if "event: session.status" in told:
            await drawn.wait()
        await route.fulfill(content_type="text/event-stream", body=told)

    async with dashboard(browser, motte) as shown:
        await shown.page.route("**/sessions/shop/events", tell)
        await session(shown.page, "shop").get_by_role("button", name="Show code").click()
        await code_on(shown)
        drawn.set()
        await expect(shown.page.locator("#code")).to_have_attribute("data-state", "waiting")
        assert await shown.codes() == []


def event(name: str, document: dict[str, object], *, retry: int) -> str:
    """One that a stream ends with. retry: milliseconds until the browser asks again."""
    data = json.dumps({"type": name, "cursor": None, "data": document})
    return f"retry: {retry}\nevent: {name}\ndata: {data}\n\n"
