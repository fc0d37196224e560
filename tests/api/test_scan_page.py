"""The page that a link opens: what it shows, and what it says in words."""

import re
from base64 import b64decode
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from server.api.sse_response import EventStream
from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.stranger import link, view
from tests.api.test_events import deleting
from tests.support.scanner import read_svg
from tests.support.stream import following

#: Of the page with its styles and scripts, uncompressed.
MAX_PAGE_BYTES = 40_000


def code_in(shown: dict[str, Any]) -> str:
    return read_svg(b64decode(shown["picture"].removeprefix("data:image/svg+xml;base64,")).decode())


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


@pytest.mark.parametrize("file", ["base.css", "scan.css", "scan.js", "scan_number.js", "refused.css"])
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


async def test_a_code_goes_from_the_page_when_its_connector_is_killed(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        assert (await view(reader))["state"] == "code"
        front.supervisor.crash("shop")
        shown = await view(reader)
        assert (shown["state"], shown["picture"]) == ("waiting", None)


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


async def test_a_page_that_is_open_when_its_time_is_over_says_so(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    async with following(stranger, f"{await link(front, expiresIn=30)}/events") as reader:
        await view(reader)
        front.time.advance(31)
        assert (await view(reader))["title"] == "This link has expired"
        assert await reader.ended()


async def test_a_page_whose_session_is_deleted_says_so(front: Front, stranger: TestClient[Any, Any]) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        await view(reader)
        await front.client.delete("/sessions/shop")
        while (shown := await view(reader))["state"] == "waiting":
            pass
        assert shown["state"] == "over"
        assert await reader.ended()


async def test_a_page_whose_session_is_deleted_while_it_opens_says_so(
    front: Front, stranger: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    path = await link(front)
    monkeypatch.setattr(EventStream, "open", deleting(front))
    async with following(stranger, f"{path}/events") as reader:
        assert (await view(reader))["state"] == "over"
        assert await reader.ended()


async def test_the_page_of_a_stopping_front_says_so_and_shows_no_code(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        assert (await view(reader))["picture"] is not None
        await front.whole.stop_waiting()
        shown = await view(reader)
        assert (shown["state"], shown["picture"]) == ("stopped", None)
        assert await reader.ended()


async def test_a_page_that_is_opened_while_the_front_stops_is_told_so(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front)
    await front.whole.stop_waiting()
    async with following(stranger, f"{path}/events") as reader:
        while (shown := await view(reader))["state"] == "code":
            pass
        assert (shown["state"], shown["picture"]) == ("stopped", None)
        assert await reader.ended()


async def test_the_page_is_small_and_loads_nothing_from_elsewhere(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    html = await (await stranger.get(await link(front))).text()
    files = {"scan_number.js", *re.findall(r'(?:src|href)="\.\./pages/([^"]+)"', html)}
    assert not re.search(r'(?:src|href)="(?:[a-z]+:|/)', html)
    loaded = [await (await stranger.get(f"/pages/{file}")).read() for file in files]
    assert len(html.encode()) + sum(map(len, loaded)) < MAX_PAGE_BYTES


async def test_the_page_hears_every_fifteen_seconds_that_its_connection_works(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    async with following(stranger, f"{await link(front)}/events") as reader:
        await view(reader)
        front.time.advance(15)
        assert await reader.next() == ("heartbeat", {})
