"""The page behind a scan link, as somebody with a phone in their hand sees it."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.looks import EVERY_LOOK, LOOKS, look
from tests.browser.screen import PHONE, SMALLEST, screen
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import NotScanned, Phones


async def link(motte: Motte, *, name: str | None = "The flower shop", **body: int) -> str:
    """An address to open, of a session that waits for its first scan."""
    answer = await motte.ask("POST", "/sessions", json={"id": "shop", "name": name})
    assert answer.status == 201, answer.body
    answer = await motte.ask("POST", "/sessions/shop/scan-link", json=body)
    assert answer.status == 201, answer.body
    return str(answer.body["url"])


@EVERY_LOOK
async def test_a_code_is_read_off_the_screen_then_the_next_and_the_scan_and_the_end_are_told(
    motte: Motte, phones: Phones, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    await phones.misbehave(loginFailure={"value": 503, "times": 2})  # the link takes a moment to open
    async with screen(browser, await link(motte), size=size, dark=dark) as shown:
        first = await shown.code()
        await expect(shown.page.locator("#left")).to_contain_text("The code changes in")
        await shown.keep(f"code-{look(size, dark)}")
        assert await shown.barriers() == []
        assert not await shown.overflows()
        assert await shown.code(other_than=first) != first

        await phones.scan((await motte.read())["qrCode"])
        await shown.state("scanned")
        await expect(shown.page.get_by_role("status").first).to_contain_text("Scanned")
        await shown.keep(f"scanned-{look(size, dark)}")
        assert await shown.barriers() == []

        await shown.state("linked")
        await expect(shown.page.get_by_role("status").first).to_contain_text("Connected")
        await expect(shown.page).to_have_title("Connected")
        await expect(shown.page.get_by_role("heading", level=1)).to_be_focused()
        await expect(shown.page.locator("#picture")).to_be_hidden()
        await shown.keep(f"linked-{look(size, dark)}")
        assert await shown.barriers() == []


async def test_what_is_read_off_the_screen_is_what_whatsapp_lets_in(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    async with screen(browser, await link(motte), size=PHONE) as shown:
        first = await shown.code()
        await phones.scan(await shown.code(other_than=first))  # which has all its life before it
        await shown.state("linked")


async def test_the_page_asks_for_what_a_person_can_do(motte: Motte, browser: Browser) -> None:
    async with screen(browser, await link(motte)) as shown:
        await shown.state("code")
        picture = shown.page.get_by_role("img", name="QR code")
        await expect(picture).to_be_visible()
        await expect(shown.page.get_by_role("heading", level=1)).to_have_text(
            "Link WhatsApp to The flower shop"
        )
        steps = shown.page.get_by_role("listitem")
        await expect(steps).to_have_count(3)
        await expect(steps.nth(1)).to_contain_text("Linked devices")
        await expect(steps.nth(2)).to_contain_text("Link a device")


async def test_a_name_that_is_markup_is_shown_as_it_was_written(motte: Motte, browser: Browser) -> None:
    name = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    async with screen(browser, await link(motte, name=name)) as shown:
        await shown.state("code")
        await expect(shown.page.get_by_role("heading", level=1)).to_have_text(f"Link WhatsApp to {name}")


async def test_a_long_name_on_the_smallest_phone_does_not_scroll_sideways(
    motte: Motte, browser: Browser
) -> None:
    async with screen(browser, await link(motte, name="W" * 100), size=SMALLEST) as shown:
        assert await shown.code() is not None
        await shown.keep("smallest")
        assert not await shown.overflows()


async def test_without_javascript_there_is_a_picture_that_is_loaded_again(
    motte: Motte, browser: Browser
) -> None:
    async with screen(browser, await link(motte), script=False) as shown:
        await shown.page.wait_for_load_state("load")
        first = await shown.code()
        await shown.keep("no-script")
        assert await shown.code(other_than=first) != first


@LOOKS
async def test_where_whatsapp_cannot_be_reached_the_page_says_so_and_goes_on_trying(
    motte: Motte, phones: Phones, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    await phones.show_codes_for(6, count=1)
    url = await link(motte)
    await phones.misbehave(refuse=True)
    async with screen(browser, url, size=size, dark=dark) as shown:
        await shown.state("trouble")
        await expect(shown.page.get_by_role("status").first).to_contain_text("WhatsApp cannot be reached")
        await expect(shown.page.get_by_role("link", name="Try again now")).to_be_visible()
        await shown.keep(f"trouble-{look(size, dark)}")
        assert await shown.barriers() == []
        await phones.misbehave()
        assert await shown.code() is not None


async def test_a_code_that_does_not_come_in_time_is_told_and_tried_again(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    await phones.show_codes_for(6, count=1)
    url = await link(motte)
    await phones.misbehave(noRefs=True)
    async with screen(browser, url) as shown:
        await shown.state("trouble")
        await expect(shown.page.get_by_role("status").first).to_contain_text("takes longer")
        await phones.misbehave()
        assert await shown.code() is not None


async def test_an_account_that_wants_a_passkey_is_told_in_words(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    async with screen(browser, await link(motte)) as shown:
        await shown.code()
        await phones.misbehave(passkey=True)
        with pytest.raises(NotScanned, match="passkey-required"):
            await phones.scan((await motte.read())["qrCode"])
        await shown.state("stuck")
        await expect(shown.page.get_by_role("status").first).to_contain_text("passkey")
        await shown.keep("stuck")
        assert await shown.barriers() == []


async def test_a_page_outlives_a_restart_of_the_api(motte: Motte, browser: Browser) -> None:
    async with screen(browser, await link(motte)) as shown:
        await shown.code()
        await motte.serve.ctl("stop", "front")
        await shown.state("stopped")
        await expect(shown.page.get_by_role("status").first).to_contain_text("The service has stopped")
        await expect(shown.page.get_by_text("The connection was lost")).to_be_hidden()
        await expect(shown.page.get_by_text("A new code will appear soon")).to_be_hidden()
        assert await shown.codes() == []  # a dead one is not to be scanned
        await shown.keep("lost")
        await motte.serve.ctl("start", "front")
        await shown.state("code")
        await motte.ready()

        async def shows_the_newest() -> bool:
            return bool(await shown.code() == (await motte.read())["qrCode"])

        await eventually(shows_the_newest)
        shown.complaints.clear()  # the browser's own, about a server that was away


@LOOKS
async def test_a_link_that_is_none_is_refused_kindly(
    motte: Motte, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    async with screen(browser, f"{motte.serve.url()}/scan/nothing", size=size, dark=dark) as shown:
        await expect(shown.page.get_by_role("heading", level=1)).to_have_text("This link does not work")
        await shown.keep(f"refused-{look(size, dark)}")
        assert await shown.barriers() == []
        assert not await shown.overflows()
        shown.complaints.clear()  # the browser's own, about the status


async def test_a_link_that_was_used_says_that_all_is_well(
    motte: Motte, phones: Phones, browser: Browser
) -> None:
    url = await link(motte)
    await phones.scan((await motte.read())["qrCode"])
    await motte.until("connected")
    async with screen(browser, url) as shown:
        await expect(shown.page.get_by_role("heading", level=1)).to_have_text("Already connected")
        await shown.keep("used")
        assert await shown.barriers() == []
        shown.complaints.clear()  # the browser's own, about the status


async def test_a_page_that_is_open_when_its_session_is_deleted_ends(motte: Motte, browser: Browser) -> None:
    async with screen(browser, await link(motte)) as shown:
        await shown.code()
        await motte.delete()
        await shown.state("over")
        await expect(shown.page.get_by_role("status").first).to_contain_text("no longer valid")
        await shown.keep("over")
        assert await shown.barriers() == []
