"""Codes to type on the phone."""

import asyncio
from typing import Any

import pytest

from tests.http.conftest import Front

NUMBER = "15551234567"


async def ask(front: Front, number: str = NUMBER, *, status: int = 200) -> dict[str, Any]:
    response = await front.client.post("/sessions/shop/pairing-code", json={"phoneNumber": number})
    document = dict(await response.json())
    assert response.status == status, document
    return document


async def test_a_pairing_code_comes_with_its_expiry(front: Front) -> None:
    await front.create()
    assert await ask(front) == {
        "phoneNumber": NUMBER,
        "code": "CODE0001",
        "expiresAt": "2026-05-25T12:02:40.000Z",
    }


async def test_a_hundred_requests_for_one_number_get_one_code(front: Front) -> None:
    await front.create()
    codes = await asyncio.gather(*(ask(front) for _ in range(100)))
    assert {code["code"] for code in codes} == {"CODE0001"}
    assert (await ask(front))["code"] == "CODE0001"


async def test_another_number_gets_another_code(front: Front) -> None:
    await front.create()
    assert (await ask(front))["code"] != (await ask(front, "15557654321"))["code"]


async def test_a_pairing_code_wakes_a_session_that_is_asleep(front: Front) -> None:
    await front.create()
    await ask(front)
    front.time.advance(161)
    await front.asleep()
    assert (await ask(front))["code"] == "CODE0001"
    assert front.whatsapp.registrations == 2


async def test_a_pairing_code_that_never_comes_is_a_time_out(front: Front) -> None:
    await front.create()
    front.connector().deaf = True
    asking = asyncio.create_task(ask(front, status=504))
    await front.said("pair_by_code")
    front.time.advance(16)
    assert (await asking)["code"] == "qr-timeout"


async def test_a_connected_session_needs_no_pairing_code(front: Front) -> None:
    await front.create()
    front.connector().scan()
    await front.until("pairing")
    assert (await ask(front, status=409))["code"] == "conflicting-state"
    front.connector().restart()
    await front.until("connected")
    assert (await ask(front, status=409))["code"] == "already-connected"


@pytest.mark.parametrize("number", ["+15551234567", "1 555 123", "0123456789", "123456", "1" * 16, ""])
async def test_a_number_that_is_none_is_refused(front: Front, number: str) -> None:
    await front.create()
    problem = await ask(front, number, status=400)
    assert problem["errors"][0]["pointer"] == "/phoneNumber"
