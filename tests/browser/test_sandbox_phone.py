"""The phone of the sandbox that writes, on the page of a session."""

import asyncio
import json

from playwright.async_api import Browser, expect

from tests.browser.dashboard import dashboard, key_of
from tests.browser.screen import SMALLEST
from tests.browser.test_messages import show, texts
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones
from tests.support.serve import Serve


async def control_url(serve: Serve) -> str | None:
    """Where the phones are controlled, once the sandbox listens."""
    try:
        return str(json.loads(serve.folder.sandbox.read_text())["controlUrl"])
    except FileNotFoundError:
        return None


async def test_in_the_sandbox_a_phone_writes_to_the_session(browser: Browser) -> None:
    serve = Serve({"MOTTE_SANDBOX_LISTEN": "127.0.0.1:0"}, "--sandbox")
    serve.start()
    try:
        url = await eventually(lambda: control_url(serve))
        async with Phones(url) as phones, Motte.opened(serve, phones) as motte:
            await motte.connect()
            await writes(browser, motte)
            await is_only_offered_to_who_may_send(browser, motte)
    finally:
        await asyncio.to_thread(serve.stop)
        serve.remove()


async def writes(browser: Browser, motte: Motte) -> None:
    async with dashboard(browser, motte, size=SMALLEST) as shown:
        page = await show(shown, motte)
        form = page.locator("#phone-panel")
        await form.get_by_label("What it writes").fill("Are you open?")
        await form.get_by_role("button", name="Write").click()
        await expect(texts(page)).to_have_text(["Are you open?"])
        await expect(page.locator("#messages > li")).to_contain_text("From +4915112345678 Sandbox")
        await expect(form.get_by_role("status")).to_have_text("The phone has written.")
        await expect(form.get_by_label("What it writes")).to_have_value("")
        await form.get_by_label("Number of the phone").fill("12")
        await form.get_by_label("What it writes").fill("Hello")
        await form.get_by_role("button", name="Write").click()
        await expect(form.get_by_role("alert")).to_contain_text("Number of the phone: must be a phone number")
        assert not await shown.overflows()
        await shown.keep("dashboard-sandbox-phone")
        assert await shown.barriers() == []
        shown.complaints.clear()  # the browser's own, about the status 400 of an invalid number


async def is_only_offered_to_who_may_send(browser: Browser, motte: Motte) -> None:
    async with dashboard(browser, motte, key=await key_of(motte, "sessions:read")) as shown:
        await show(shown, motte)
        await expect(shown.page.locator("#phone-panel")).to_be_hidden()
