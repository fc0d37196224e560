"""Pairing codes that are requested with a scan link: who gets one, how often, and what is said instead."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from server.auth.pairing_limiter import MAX_PER_SESSION, WINDOW_SECONDS
from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.pairing_codes import NUMBER, ask
from tests.api.stranger import link
from tests.support.time import until

Stranger = TestClient[Any, Any]


async def request(stranger: Stranger, path: str, number: object = NUMBER) -> ClientResponse:
    return await stranger.post(f"{path}/pairing-code", json={"phoneNumber": number})


async def code_of(response: ClientResponse) -> str:
    """The code of the problem; it names no session."""
    document = await response.json()
    assert "session" not in document
    assert "Location" not in response.headers
    return str(document["code"])


async def test_a_link_gets_the_code_that_a_key_gets(front: Front, stranger: Stranger) -> None:
    await front.create()
    response = await request(stranger, await link(front))
    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-store"
    document = await response.json()
    assert document.keys() == {"code", "secondsLeft"}
    assert document["code"] == (await ask(front))["code"]
    assert 0 < document["secondsLeft"] <= 210


@pytest.mark.parametrize("number", ["", "0151", "004915112345678", "1" * 16, "abc", 15551234567, None])
async def test_what_is_no_number_is_refused_and_does_not_count(
    front: Front, stranger: Stranger, number: object
) -> None:
    await front.create()
    path = await link(front)
    for _ in range(MAX_PER_SESSION + 1):
        response = await request(stranger, path, number)
        assert (response.status, await code_of(response)) == (400, "validation-failed")


async def test_a_session_gets_ten_codes_in_ten_minutes_with_all_of_its_links(
    front: Front, stranger: Stranger
) -> None:
    await front.create("shop")
    await front.create("bar")
    for _ in range(MAX_PER_SESSION):
        assert (await request(stranger, await link(front))).status == 200
    response = await request(stranger, await link(front))
    assert (response.status, await code_of(response)) == (429, "rate-limited")
    assert response.headers["Retry-After"] == str(round(WINDOW_SECONDS))
    assert (await request(stranger, await link(front, "bar"))).status == 200
    await ask(front)  # A key is not counted here.
    front.time.advance(WINDOW_SECONDS)
    assert (await request(stranger, await link(front))).status == 200


async def test_a_link_that_is_not_valid_gets_no_code(front: Front, stranger: Stranger) -> None:
    await front.create()
    path = await link(front, expiresIn=30)
    for forged in (f"{path}A", "/scan/shop"):
        response = await request(stranger, forged)
        assert (response.status, await code_of(response)) == (403, "link-invalid")
    front.time.advance(31)
    response = await request(stranger, path)
    assert (response.status, await code_of(response)) == (410, "link-expired")
    path = await link(front)
    front.connector().scan()
    await front.until("pairing")
    response = await request(stranger, path)
    assert (response.status, await code_of(response)) == (409, "conflicting-state")
    front.connector().restart()
    await front.until("connected")
    response = await request(stranger, path)
    assert (response.status, await code_of(response)) == (410, "link-used")


async def test_a_session_that_is_deleted_meanwhile_is_not_named(front: Front, stranger: Stranger) -> None:
    await front.create()
    path = await link(front)
    front.connector().deaf = True
    asking = asyncio.create_task(request(stranger, path))
    await until(lambda: bool(front.connector().commands))
    assert (await front.client.delete("/sessions/shop")).status == 204
    response = await asking
    assert "shop" not in await response.text()
    assert (response.status, await code_of(response)) == (410, "link-expired")


async def test_a_cool_down_holds_for_a_link_too(front: Front, stranger: Stranger) -> None:
    await front.create()
    path = await link(front)
    front.whatsapp.refusal = Reason("whatsapp-rate-limited", "429")
    front.time.advance(161)
    before = front.whatsapp.registrations
    response = await request(stranger, path)
    assert (response.status, await code_of(response)) == (502, "whatsapp-refused")
    opened = front.whatsapp.registrations - before
    response = await request(stranger, path)
    assert (response.status, await code_of(response)) == (502, "whatsapp-refused")
    assert int(response.headers["Retry-After"]) > 0
    assert front.whatsapp.registrations - before == opened


async def test_a_link_opens_no_other_route(front: Front, stranger: Stranger) -> None:
    await front.create()
    token = (await link(front)).rpartition("/")[2]
    for route in ("pairing-code", "restart", "logout", "scan-link"):
        response = await stranger.post(
            f"/sessions/shop/{route}", headers={"Authorization": f"Bearer {token}"}
        )
        assert response.status == 401


async def test_the_page_speaks_the_language_of_the_browser(front: Front, stranger: Stranger) -> None:
    await front.create()
    path = await link(front)
    for header, language, heading in (
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt", "Conectar o WhatsApp"),
        ("es-419", "es", "Vincular WhatsApp"),
        ("de, fr;q=0.9", "en", "Link WhatsApp"),
        ("es;q=0, en;q=0.1", "en", "Link WhatsApp"),
        ("", "en", "Link WhatsApp"),
    ):
        response = await stranger.get(path, headers={"Accept-Language": header})
        text = await response.text()
        assert response.headers["Content-Language"] == language
        assert f'<html lang="{language}"' in text
        assert f">{heading}</h1>" in text
        refused = await stranger.get("/scan/nothing", headers={"Accept-Language": header})
        assert f'<html lang="{language}"' in await refused.text()


@pytest.mark.parametrize(
    ("agent", "is_first"),
    [
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/150.0 Mobile Safari/537.36", True),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari", True),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0 Safari/537.36", False),
        ("Mozilla/5.0 (iPad; CPU OS 12_0 like Mac OS X) Version/12.0 Mobile/15E148 Safari", False),
    ],
)
async def test_the_number_comes_first_on_a_phone(
    front: Front, stranger: Stranger, agent: str, is_first: bool
) -> None:
    await front.create()
    text = await (await stranger.get(await link(front), headers={"User-Agent": agent})).text()
    assert (text.index('id="number"') < text.index('id="picture"')) is is_first
