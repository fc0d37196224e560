"""A code as a picture."""

import asyncio
import struct
from email.utils import parsedate_to_datetime

import pytest

from store.records.reason import Reason
from tests.api.conftest import READ_KEY, Front
from tests.support.scanner import read_png, read_svg, read_text


async def test_a_plain_request_gets_the_code_as_json(front: Front) -> None:
    session = await front.create()
    response = await front.get("/sessions/shop/qr")
    assert (response.status, response.content_type) == (200, "application/json")
    assert await response.json() == {
        "id": "shop",
        "qrCode": session["qrCode"],
        "qrExpiresAt": session["qrExpiresAt"],
    }


@pytest.mark.parametrize("by", ["Accept", "format"])
async def test_each_picture_is_the_code_of_the_session(front: Front, by: str) -> None:
    code = (await front.create())["qrCode"]

    async def shown(name: str, kind: str) -> bytes:
        how = {"headers": {"Accept": kind}} if by == "Accept" else {"params": {"format": name}}
        response = await front.get("/sessions/shop/qr", **how)
        assert (response.status, response.content_type) == (200, kind)
        return await response.read()

    assert read_svg((await shown("svg", "image/svg+xml")).decode()) == code
    assert read_png(await shown("png", "image/png")) == code
    assert read_text((await shown("text", "text/plain")).decode()) == code


async def test_the_query_wins_over_the_header(front: Front) -> None:
    await front.create()
    response = await front.get("/sessions/shop/qr?format=png&size=64", headers={"Accept": "text/html"})
    assert (response.status, response.content_type) == (200, "image/png")


@pytest.mark.parametrize("form", ["json", "svg", "png", "text"])
async def test_no_cache_keeps_a_code_and_its_expiry_is_said(front: Front, form: str) -> None:
    session = await front.create()
    response = await front.get("/sessions/shop/qr", params={"format": form})
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Vary"] == "Accept"
    expires = parsedate_to_datetime(response.headers["Expires"])
    assert session["qrExpiresAt"].startswith(expires.strftime("%Y-%m-%dT%H:%M:%S"))


async def test_a_picture_of_a_code_that_has_expired_is_never_shown(front: Front) -> None:
    first = (await front.create())["qrCode"]
    front.time.advance(59)
    asking = asyncio.create_task(front.get("/sessions/shop/qr?format=svg"))
    await front.flying()
    front.time.advance(1.5)
    shown = read_svg(await (await asking).text())
    assert shown != first
    assert shown == (await front.read())["qrCode"]


async def test_the_tag_of_a_picture_waits_for_the_next_code(front: Front) -> None:
    await front.create()
    tag = (await front.get("/sessions/shop/qr?format=png")).headers["ETag"]
    assert (await front.get("/sessions/shop", headers={"If-None-Match": tag})).status == 304


async def test_a_form_that_there_is_not_is_not_acceptable(front: Front) -> None:
    await front.create()
    response = await front.get("/sessions/shop/qr", headers={"Accept": "text/html"})
    problem = await response.json()
    assert (response.status, problem["code"]) == (406, "not-acceptable")
    assert "image/png" in problem["detail"]


@pytest.mark.parametrize("wrong", ["format=gif", "size=63", "size=2049", "size=1.5", "scale=3"])
async def test_a_wish_that_breaks_a_rule_is_refused(front: Front, wrong: str) -> None:
    await front.create()
    response = await front.get(f"/sessions/shop/qr?{wrong}")
    problem = await response.json()
    assert (response.status, problem["code"]) == (400, "validation-failed")
    assert problem["errors"][0]["pointer"].startswith("?")


async def test_a_connected_session_has_nothing_to_scan(front: Front) -> None:
    await front.pair()
    response = await front.get("/sessions/shop/qr")
    problem = await response.json()
    assert (response.status, problem["code"]) == (409, "already-connected")
    assert problem["session"]["status"] == "connected"


async def test_a_session_that_rests_says_so(front: Front) -> None:
    await front.create()
    await front.ask("stop")
    response = await front.get("/sessions/shop/qr")
    problem = await response.json()
    assert (response.status, problem["code"]) == (409, "conflicting-state")
    assert "stopped" in problem["detail"]


async def test_a_code_that_does_not_come_is_the_error_of_a_read(front: Front) -> None:
    await front.create()
    front.whatsapp.refusal = Reason("whatsapp-unreachable", "refused")
    front.time.advance(161)
    response = await front.get("/sessions/shop/qr?format=png")
    assert (response.status, (await response.json())["code"]) == (502, "whatsapp-unreachable")


async def test_a_picture_needs_a_key_that_may_read(front: Front) -> None:
    await front.create()
    async with front.stranger() as stranger:
        assert (await stranger.get("sessions/shop/qr")).status == 401
        with_key = {"Authorization": f"Bearer {READ_KEY}"}
        assert (await stranger.get("sessions/shop/qr", headers=with_key)).status == 200


async def test_the_head_of_a_picture_has_no_body(front: Front) -> None:
    await front.create()
    response = await front.client.head("/sessions/shop/qr?format=png")
    assert (response.status, response.content_type, await response.read()) == (200, "image/png", b"")


async def test_a_parameter_against_caches_changes_nothing(front: Front) -> None:
    await front.create()
    plain = await front.get("/sessions/shop/qr?format=svg")
    stamped = await front.get("/sessions/shop/qr?format=svg&t=1764490000")
    assert stamped.status == 200
    assert await stamped.text() == await plain.text()


async def test_a_png_has_the_size_that_was_asked_for(front: Front) -> None:
    await front.create()
    picture = await (await front.get("/sessions/shop/qr?format=png&size=400")).read()
    assert struct.unpack(">II", picture[16:24]) == (400, 400)
