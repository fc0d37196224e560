"""Links that are sent to whoever holds the phone."""

import re
from base64 import b64decode
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from server.app import make_app
from server.seats import OF_ONE
from store.records import Reason
from tests.fakes.scanner import read_svg
from tests.fakes.stream import Reader, following
from tests.http.conftest import READ_KEY, Front
from tests.http.test_two_fronts import another


async def link(front: Front, session_id: str = "shop", **body: Any) -> str:
    """The path of a new link."""
    response = await front.client.post(f"/sessions/{session_id}/scan-link", json=body)
    assert response.status == 201, await response.text()
    url: str = (await response.json())["url"]
    assert url.startswith(str(front.client.make_url("/scan/")))
    return url.removeprefix(str(front.client.make_url("/")).rstrip("/"))


@pytest.fixture
async def stranger(front: Front) -> AsyncGenerator[TestClient[Any, Any]]:
    """Somebody who has a link, and no key."""
    async with TestClient(TestServer(make_app(front.whole))) as client:
        yield client


async def view(reader: Reader) -> dict[str, Any]:
    event, document = await reader.next()
    assert event == "view"
    return dict(document)


def code_in(shown: dict[str, Any]) -> str:
    return read_svg(b64decode(shown["picture"].removeprefix("data:image/svg+xml;base64,")).decode())


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
    front.connector().scan()
    front.connector().restart()
    await front.until("connected")
    response = await front.client.post("/sessions/shop/scan-link")
    assert (response.status, (await response.json())["code"]) == (409, "already-connected")


async def test_the_page_opens_without_a_key_and_keeps_its_address_to_itself(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    response = await stranger.get(await link(front))
    assert (response.status, response.content_type) == (200, "text/html")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_the_page_has_its_picture_and_reloads_itself_without_a_script(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    code = (await front.create())["qrCode"]
    path = await link(front)
    text = await (await stranger.get(path)).text()
    (picture,) = re.findall(r'<img id="picture" src="([^"]+)"', text)
    response = await stranger.get(f"/scan/{picture}")
    assert response.content_type == "image/svg+xml"
    assert read_svg(await response.text()) == code
    assert re.search(r'<noscript><meta http-equiv="refresh" content="\d+">', text)


@pytest.mark.parametrize("file", ["base.css", "scan.css", "scan.js", "refused.css"])
async def test_what_the_page_is_made_of_is_asked_for_each_time_and_sent_once(
    stranger: TestClient[Any, Any], file: str
) -> None:
    response = await stranger.get(f"/pages/{file}")
    assert response.status == 200
    assert response.content_type == {"css": "text/css", "js": "text/javascript"}[file.rpartition(".")[2]]
    assert response.headers["Cache-Control"] == "no-cache"
    again = await stranger.get(f"/pages/{file}", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize(
    "file", ["scan.html", "missing.css", "..%2Fconfig.py", "..%2f..%2fREADME.md", "__init__.py"]
)
async def test_nothing_else_can_be_had_there(stranger: TestClient[Any, Any], file: str) -> None:
    assert (await stranger.get(f"/pages/{file}")).status == 404


async def test_a_name_is_text_whatever_it_says(front: Front, stranger: TestClient[Any, Any]) -> None:
    name = '<script>alert(1)</script> & "sons"'
    await front.client.post("/sessions", json={"id": "shop", "name": name})
    text = await (await stranger.get(await link(front))).text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;sons&quot;" in text


async def test_the_page_follows_its_session_to_the_open_link_and_then_ends(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    code = (await front.create())["qrCode"]
    path = await link(front)
    async with following(stranger, f"{path}/events") as reader:
        shown = await view(reader)
        assert (shown["state"], code_in(shown), shown["secondsLeft"]) == ("code", code, 60.0)
        front.time.advance(60)
        shown = await view(reader)
        assert (shown["state"], code_in(shown)) == ("code", (await front.read())["qrCode"])
        front.connector().scan()
        assert (await view(reader))["state"] == "scanned"
        front.connector().restart()
        assert (await view(reader))["state"] == "linked"
        assert await reader.ended()


async def test_who_has_the_page_open_is_a_reader(front: Front, stranger: TestClient[Any, Any]) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        assert (await view(reader))["state"] == "code"
        front.time.advance(161)
        while (await view(reader))["state"] != "code":
            pass
        assert front.whatsapp.registrations == 2


async def test_the_page_says_in_words_why_there_is_no_code(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    front.whatsapp.refusal = Reason("whatsapp-unreachable", "refused")
    async with following(stranger, f"{await link(front)}/events") as reader:
        await view(reader)
        front.time.advance(161)
        while (shown := await view(reader))["state"] != "trouble":
            pass
        assert shown["title"] == "WhatsApp cannot be reached"
        front.whatsapp.refusal = None
        front.time.advance(6)
        while (await view(reader))["state"] != "code":
            pass


async def test_a_session_that_needs_a_person_says_so(front: Front, stranger: TestClient[Any, Any]) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        await view(reader)
        front.connector().drop("passkey-required")
        shown = await view(reader)
        assert shown["state"] == "stuck"
        assert "passkey" in shown["text"]


async def test_what_the_page_is_told_is_what_it_shows_and_no_more(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        front.connector().scan("4915112345678")
        while (shown := await view(reader))["state"] != "scanned":
            pass
        assert shown.keys() == {"state", "title", "text", "picture", "secondsLeft"}
        assert "4915112345678" not in str(shown)


async def test_a_picture_that_cannot_be_had_says_nothing_of_its_session(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front)
    front.connector().scan("4915112345678")
    await front.until("pairing")
    response = await stranger.get(f"{path}/qr.svg")
    problem = await response.json()
    assert (response.status, problem["code"]) == (409, "conflicting-state")
    assert "session" not in problem
    assert "Location" not in response.headers


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
    assert "not valid any more" in await refused(stranger, path, 410)


async def test_a_page_that_is_open_when_its_time_is_over_says_so(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    async with following(stranger, f"{await link(front, expiresIn=30)}/events") as reader:
        await view(reader)
        front.time.advance(31)
        assert (await view(reader))["title"] == "This link has expired"
        assert await reader.ended()


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
    front.connector().scan()
    front.connector().restart()
    await front.until("connected")
    front.time.advance(1)
    await front.ask("logout")
    await front.ask("restart")
    assert (await front.read())["qrCode"] is not None
    await refused(stranger, path, 410)
    assert (await stranger.get(await link(front))).status == 200


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


async def test_a_page_whose_session_is_deleted_says_so(front: Front, stranger: TestClient[Any, Any]) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        await view(reader)
        await front.client.delete("/sessions/shop")
        assert (await view(reader))["state"] == "over"
        assert await reader.ended()


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
    async with another(front) as second, TestClient(TestServer(make_app(second.whole))) as stranger:
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
        for _ in range(OF_ONE):
            await view(await readers.enter_async_context(following(stranger, f"{path}/events")))
        response = await stranger.get(f"{await link(front)}/events")
        assert (response.status, (await response.json())["code"]) == (429, "rate-limited")
        assert response.headers["Retry-After"] == "10"
        assert (await stranger.get(path)).status == 200
        await view(await readers.enter_async_context(following(stranger, f"{other}/events")))
    while (await stranger.head(f"{path}/events")).status == 429:
        pass
    async with following(stranger, f"{path}/events") as reader:
        assert (await view(reader))["state"] == "code"


async def test_the_page_of_a_stopping_front_ends_at_once(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        await view(reader)
        await front.whole.stop_waiting()
        assert await reader.ended()
