"""Links for the person with the phone: how they are made, what they open, and when they expire."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from server.app import make_app
from server.auth.concurrency_limit import MAX_PER_SESSION
from tests.api.conftest import READ_KEY, Front
from tests.api.described import HeldServer
from tests.api.second_front import another
from tests.api.stranger import link, view
from tests.support.stream import WITHIN, following


async def test_a_link_is_good_for_ten_minutes_unless_it_says_otherwise(front: Front) -> None:
    await front.create()
    for body, expires_at in ((None, "12:10:00"), ({}, "12:10:00"), ({"expiresIn": 30}, "12:00:30")):
        response = (
            await front.client.post("/sessions/shop/scan-link", json=body)
            if body is not None
            else (await front.client.post("/sessions/shop/scan-link"))
        )
        assert response.status == 201
        assert (await response.json())["expiresAt"] == f"2026-05-25T{expires_at}.000Z"
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "body", ['{"expiresIn": 29}', '{"expiresIn": 86401}', '{"expiresIn": "60"}', '{"x": 1}']
)
async def test_a_wish_that_breaks_a_rule_is_refused(front: Front, body: str) -> None:
    await front.create()
    response = await front.client.post("/sessions/shop/scan-link", data=body)
    assert (response.status, (await response.json())["code"]) == (400, "validation-failed")


async def test_a_link_begins_with_the_public_address_where_there_is_one(front: Front) -> None:
    await front.create()
    front.whole.settings = replace(front.whole.settings, public_url="https://motte.example/wa")
    response = await front.client.post("/sessions/shop/scan-link")
    assert (await response.json())["url"].startswith("https://motte.example/wa/scan/")


async def test_a_host_that_is_none_is_put_into_no_link(front: Front) -> None:
    await front.create()
    for host in ("a/b", "a b", "evil@host", "a?b", "<a>"):
        response = await front.client.post("/sessions/shop/scan-link", headers={"Host": host})
        assert (response.status, (await response.json())["code"]) == (400, "bad-request")


async def test_only_a_key_that_may_write_makes_a_link(front: Front, stranger: TestClient[Any, Any]) -> None:
    await front.create()
    headers = {"Authorization": f"Bearer {READ_KEY}"}
    assert (await stranger.post("/sessions/shop/scan-link")).status == 401
    assert (await stranger.post("/sessions/shop/scan-link", headers=headers)).status == 403


async def test_where_there_is_nothing_to_scan_there_is_no_link(front: Front) -> None:
    assert (await front.client.post("/sessions/shop/scan-link")).status == 404
    await front.create()
    await front.ask("stop")
    response = await front.client.post("/sessions/shop/scan-link")
    assert (response.status, (await response.json())["code"]) == (409, "conflicting-state")
    await front.ask("start")
    await front.scan()
    response = await front.client.post("/sessions/shop/scan-link")
    assert (response.status, (await response.json())["code"]) == (409, "already-connected")


async def refused(client: TestClient[Any, Any], path: str, status: int) -> str:
    """What the page says, once the picture and the stream were refused alike."""
    for part in ("/qr.svg", "/events"):
        response = await client.get(path + part)
        assert response.status == status
        assert "session" not in await response.json()
    response = await client.get(path)
    assert (response.status, response.content_type) == (status, "text/html")
    text = await response.text()
    assert "<script" not in text
    assert "shop" not in text.lower()
    return text


async def test_a_link_is_dead_when_its_time_is_over(front: Front, stranger: TestClient[Any, Any]) -> None:
    await front.create()
    path = await link(front, expiresIn=30)
    front.time.advance(29.9)
    assert (await stranger.get(path)).status == 200
    front.time.advance(0.2)
    assert "no longer valid" in await refused(stranger, path, 410)


async def test_a_link_is_dead_once_the_account_is_linked(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front)
    front.connector().scan()
    assert (await stranger.get(path)).status == 200
    front.connector().restart()
    await front.until("connected")
    assert "Already connected" in await refused(stranger, path, 410)


async def test_a_logout_and_a_new_pairing_do_not_bring_it_back(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front)
    await front.scan()
    front.time.advance(1)
    await front.ask("logout")
    await front.ask("restart")
    assert (await front.read())["qrCode"] is not None
    await refused(stranger, path, 410)
    assert (await stranger.get(await link(front))).status == 200


async def test_a_clock_that_was_set_back_before_the_scan_does_not_bring_it_back(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front)
    front.time.clock.step_wall(-3600)
    await front.scan()
    assert "Already connected" in await refused(stranger, path, 410)
    await front.ask("logout")
    await front.ask("restart")
    await refused(stranger, path, 410)


async def test_a_session_that_has_the_same_id_later_is_not_opened(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front, expiresIn=86400)
    await front.client.delete("/sessions/shop")
    await refused(stranger, path, 410)
    front.time.advance(1)
    await front.create()
    await refused(stranger, path, 410)


async def test_a_forged_link_opens_nothing(front: Front, stranger: TestClient[Any, Any]) -> None:
    await front.create()
    path = await link(front)
    middle = len(path) // 2
    letter = "A" if path[middle] != "A" else "B"
    for forged in (
        path[:middle] + letter + path[middle + 1 :],
        path[:-1],
        path + "A",
        "/scan/shop",
        "/scan/%00",
    ):
        assert "does not work" in await refused(stranger, forged, 403)


async def test_a_link_of_one_session_opens_no_other_route(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front)
    token = path.removeprefix("/scan/")
    for headers in ({"Authorization": f"Bearer {token}"}, {"X-Api-Key": token}, {"apikey": token}):
        for route in ("/sessions", "/sessions/shop", "/sessions/shop/qr", "/events"):
            refused = (await stranger.get(route, headers=headers)).status
            assert refused in (401, 429)  # wrong keys are limited
    assert (await stranger.get(f"/sessions/shop?token={token}")).status in (401, 429)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_a_link_can_only_be_looked_at(
    front: Front, stranger: TestClient[Any, Any], method: str
) -> None:
    await front.create()
    path = await link(front)
    for part in ("", "/qr.svg", "/events"):
        response = await stranger.request(method, path + part, headers={"X-HTTP-Method-Override": "GET"})
        assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")
    assert (await front.read())["status"] == "qr_waiting"


async def test_no_link_is_ever_logged(
    front: Front, stranger: TestClient[Any, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await front.create()
    path = await link(front)
    token = path.removeprefix("/scan/")
    async with following(stranger, f"{path}/events") as reader:
        await view(reader)
    await stranger.get(path)
    await stranger.get(f"{path}/qr.svg")
    await stranger.post(path)
    await stranger.get(f"{path}x")
    await stranger.get(f"{path}/nothing")
    front.whole.links.read = None  # type: ignore[method-assign, assignment]
    assert (await stranger.get(path)).status == 500
    ours = [record for record in caplog.records if record.name.startswith("server.")]  # no access log: app.py
    assert ours
    assert all(token not in record.getMessage() + str(record.exc_info) for record in ours)


async def test_a_link_opens_at_every_front_of_the_host(front: Front) -> None:
    await front.create()
    path = await link(front)
    async with another(front) as second, TestClient(HeldServer(make_app(second.whole))) as stranger:
        assert (await stranger.get(path)).status == 200
        async with following(stranger, f"{path}/events") as reader:
            assert (await view(reader))["state"] == "code"
            front.connector().scan()
            while (await view(reader))["state"] != "scanned":
                pass


async def test_a_link_is_not_open_more_often_than_people_need(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create("shop")
    await front.create("bar")
    path, other = await link(front, "shop"), await link(front, "bar")
    async with AsyncExitStack() as readers:
        for _ in range(MAX_PER_SESSION):
            await view(await readers.enter_async_context(following(stranger, f"{path}/events")))
        response = await stranger.get(f"{await link(front)}/events")
        assert (response.status, (await response.json())["code"]) == (429, "rate-limited")
        assert response.headers["Retry-After"] == "10"
        assert (await stranger.get(path)).status == 200
        await view(await readers.enter_async_context(following(stranger, f"{other}/events")))
    async with asyncio.timeout(WITHIN):
        while (await stranger.head(f"{path}/events")).status == 429:
            pass
    async with following(stranger, f"{path}/events") as reader:
        assert (await view(reader))["state"] == "code"


async def test_a_picture_is_not_waited_for_more_often_than_people_need(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front)
    front.whatsapp.silent = True
    front.time.advance(161)
    asked = [asyncio.ensure_future(stranger.get(f"{path}/qr.svg")) for _ in range(MAX_PER_SESSION + 1)]
    async with asyncio.timeout(WITHIN):
        [refused], waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert (refused.result().status, refused.result().headers["Retry-After"]) == (429, "10")
        async with following(stranger, f"{path}/events") as reader:
            assert (await view(reader))["state"] == "waiting"
        (await front.started()).begin()
        assert [(await picture).status for picture in waiting] == [200] * MAX_PER_SESSION
