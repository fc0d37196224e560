"""The last messages on the page of a session."""

import re
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.browser.dashboard import dashboard, key_of
from tests.browser.screen import DESKTOP, SMALLEST, Screen
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import BO, Phones

#: What a person could be deceived or harmed with.
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
TURNED = "\u202e\u2066gpj.exe\u2067"
STACKED = "Z\u0310\u0352" * 300


async def show(shown: Screen, motte: Motte) -> Page:
    """The page of the session."""
    await shown.page.goto(f"{motte.serve.url()}/?session=shop")
    await expect(shown.page.locator("#messages-loading")).to_be_hidden()
    return shown.page


def texts(page: Page) -> Any:
    return page.locator("#messages .body")


async def send(motte: Motte, text: str, to: str = BO) -> dict[str, Any]:
    """A program sends a text."""
    sent = await motte.ask("POST", "/sessions/shop/messages", json={"to": to, "text": text})
    assert sent.status == 201, sent.body
    return sent.body


async def test_messages_of_both_directions_are_listed_and_new_ones_appear_without_a_reload(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    await phones.write("Are you open?")
    async with dashboard(browser, motte, size=SMALLEST) as shown:
        page = await show(shown, motte)
        await expect(texts(page)).to_have_text(["Are you open?"])
        first = page.locator("#messages > li").first
        await expect(first).to_contain_text(f"From +{BO} Bo")

        sent = await send(motte, "Until eight")
        await expect(texts(page)).to_have_text(["Until eight", "Are you open?"])
        await expect(first).to_contain_text(f"To +{BO}")
        await expect(first.locator(".state")).to_have_text("Delivered")
        await phones.read(BO, sent["id"])
        await expect(first.locator(".state")).to_have_text("Read")

        await phones.do(reaction={"id": sent["id"], "emoji": "👍"})
        await expect(first).to_contain_text("“Until eight”")
        await expect(first.locator(".kind")).to_have_text("Reaction")
        await expect(first.locator(".body")).to_have_text("👍")
        await motte.ask("DELETE", f"/sessions/shop/messages/{sent['id']}")
        await expect(first.locator(".kind")).to_have_text("Deleted for everyone")
        assert not await shown.overflows()
        await shown.keep("dashboard-messages")
        assert await shown.barriers() == []


async def test_a_message_that_failed_says_why(motte: Motte, phones: Phones, browser: Browser) -> None:
    await motte.connect()
    await phones.misbehave(messageError=400)
    async with dashboard(browser, motte) as shown:
        page = await show(shown, motte)
        await send(motte, "Hello")
        state = page.locator("#messages .state")
        await expect(state).to_have_text(re.compile("Failed: WhatsApp did not take the message"))
        await expect(state).to_have_attribute("data-tone", "bad")


async def test_older_messages_are_read_page_by_page(motte: Motte, phones: Phones, browser: Browser) -> None:
    await motte.connect()
    for number in range(60):
        await phones.write(f"text {number}")
    async with dashboard(browser, motte, key=await key_of(motte, "sessions:read")) as shown:
        page = await show(shown, motte)
        await expect(texts(page)).to_have_text([f"text {number}" for number in range(59, 9, -1)])
        await phones.write("new")
        await expect(texts(page).first).to_have_text("new")
        older = page.get_by_role("button", name="Show older messages")
        await older.press("Enter")
        await expect(texts(page)).to_have_text(["new", *(f"text {number}" for number in range(59, -1, -1))])
        await expect(older).to_be_hidden()
        await expect(page.locator("#session-name")).to_be_focused()


async def test_the_list_does_not_grow_for_ever_and_leaves_nothing_out(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    async with dashboard(browser, motte) as shown:
        page = await show(shown, motte)
        for number in range(220):
            await phones.write(f"text {number}")
        await expect(texts(page).first).to_have_text("text 219")

        async def is_short() -> bool:
            return bool(await texts(page).count() <= 150)

        await eventually(is_short)
        older = page.get_by_role("button", name="Show older messages")
        while (before := await texts(page).count()) < 220:
            await older.click()
            await expect(texts(page)).not_to_have_count(before)
        await expect(texts(page)).to_have_text([f"text {number}" for number in range(219, -1, -1)])


async def test_a_text_that_came_is_shown_as_text_whatever_it_has(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await motte.connect()
    long = "\n".join(["first"] * 20) + "x" * 65_000
    async with dashboard(browser, motte, size=SMALLEST) as shown:
        page = await show(shown, motte)
        await phones.write(MARKUP, pushName=f"<b>{TURNED}")
        await phones.write(TURNED)
        await phones.write(STACKED)
        await phones.write(long)
        await expect(texts(page)).to_have_count(4)
        first = page.locator("#messages > li").first
        assert len(await texts(page).first.inner_text()) < 600
        await first.get_by_role("button", name="Show the whole text").click()
        assert len(await texts(page).first.text_content() or "") == len(long)
        await first.get_by_role("button", name="Show less").click()
        assert await texts(page).nth(2).text_content() == TURNED
        assert await texts(page).nth(3).text_content() == MARKUP
        await expect(page.locator("#messages > li").nth(3).locator(".name")).to_have_text(f"<b>{TURNED}")
        assert await page.locator("#messages img, #messages script, #messages b").count() == 0
        assert not await shown.overflows()
        await shown.keep("dashboard-messages-hostile")
        assert await shown.barriers() == []
        kept = await page.evaluate(
            "() => [document.title, location.href, {...localStorage}, {...sessionStorage}]"
        )
        assert kept == ["shop \N{EN DASH} Motte", f"{motte.serve.url()}/?session=shop", {}, {}]


async def test_half_a_surrogate_pair_and_unknown_kinds_are_shown(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    """The store has no such text; a later version of the API may have such kinds."""
    await motte.connect()
    await phones.write("one")
    async with dashboard(browser, motte, size=DESKTOP) as shown:
        page = shown.page

        async def spoil(route: Any) -> None:
            response = await route.fetch()
            text = (
                (await response.text())
                .replace('"one"', '"\\ud83d half \\udc4d"')
                .replace('"text",', '"other:x",')
            )
            await route.fulfill(response=response, body=text)

        await page.route("**/sessions/shop/messages?*", spoil)
        await show(shown, motte)
        await expect(page.locator("#messages .kind")).to_have_text("Other: x")
        ends = await texts(page).evaluate_all("([one]) => [0, 7].map(at => one.textContent.charCodeAt(at))")
        assert ends == [0xD83D, 0xDC4D]
