"""A hostile or unlucky world: the front answers in its own words, and never with a dead code."""

import asyncio
import base64
import gzip
import json
import os
import sqlite3
import zlib
from typing import Any

import pytest

from server.api.request_head import MAX_ADDRESS_BYTES, MAX_HEAD_BYTES, MAX_HEADERS
from server.protocol.events.link import Closed
from server.sessions.refresh import Refresh
from store.records.reason import Reason
from store.records.sessions import Session
from tests.api.conftest import ADMIN_KEY, Front
from tests.api.test_problems import problem
from tests.support.time import until


async def raw(front: Front, request: bytes) -> tuple[int, dict[str, Any]]:
    """What bytes that are no proper request are answered with."""
    url = front.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] < b"400" or b"application/problem+json" in head, answer
    return int(head.split()[1]), dict(json.loads(body))


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"GET /sessions HTTP/1.1\r\nHost: a\r\nAuthorization: motte_secret\x00\r\n\r\n", 400, "bad-request"),
        (b"GET /sessions HTTP/1.1\r\nHost: a\r\nAuthorization : motte_secret\r\n\r\n", 400, "bad-request"),
        (b"nonsense\r\n\r\n", 400, "bad-request"),
        (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400, "bad-request"),
        (b"GET /healthz\r\n\r\n", 505, "http-version-not-supported"),
        (b"GET /healthz HTTP/0.9\r\nHost: a\r\n\r\n", 505, "http-version-not-supported"),
        (b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n", 505, "http-version-not-supported"),
        (b"GET /sessions HTTP/9.1\r\nHost: a\r\n\r\n", 505, "http-version-not-supported"),
    ],
)
async def test_what_is_no_http_is_a_problem_that_repeats_nothing_of_it(
    front: Front, request_bytes: bytes, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer, problem = await raw(front, request_bytes)
    assert (answer, problem["code"]) == (status, code)
    assert "motte_secret" not in str(problem) + caplog.text


def head(size: int) -> bytes:
    """A request whose address and headers have this many bytes, in headers of at most 32 KB."""
    lines = b"Host: a\r\nConnection: close\r\nA: %b\r\nCookie: %%b\r\n" % (b"a" * 32_000)
    filler = size - len(b"/healthz") - len(lines % b"")
    return b"GET /healthz HTTP/1.1\r\n" + lines % (b"b" * filler) + b"\r\n"


async def test_a_cookie_of_32_kb_is_taken(front: Front) -> None:
    async with front.stranger() as stranger:
        response = await stranger.get("/healthz", headers={"Cookie": "sso=" + "a" * 32_768})
    assert response.status == 200


async def test_the_headers_of_a_request_have_a_largest_size_and_number(front: Front) -> None:
    assert (await raw(front, head(MAX_HEAD_BYTES)))[0] == 200
    assert (await raw(front, head(MAX_HEAD_BYTES + 1)))[1]["code"] == "headers-too-large"
    beginning = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    assert (await raw(front, beginning + b"A: b\r\n" * (MAX_HEADERS - 2) + b"\r\n"))[0] == 200
    too_many = beginning + b"A: b\r\n" * (MAX_HEADERS - 1) + b"\r\n"
    assert (await raw(front, too_many))[1]["code"] == "headers-too-large"


async def test_the_address_of_a_request_has_a_largest_size(front: Front) -> None:
    rest = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    longest = b"/healthz?q=".ljust(MAX_ADDRESS_BYTES, b"a")
    assert (await raw(front, b"GET " + longest + rest))[0] == 200
    assert (await raw(front, b"GET " + longest + b"a" + rest))[1]["code"] == "address-too-long"


async def test_headers_that_never_end_are_refused_before_all_of_them_came(front: Front) -> None:
    beginning = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
    line = b"A: " + b"a" * 5_000 + b"\r\n"
    assert (await raw(front, beginning + line * 14))[1]["code"] == "headers-too-large"


async def test_headers_after_a_request_are_bounded_too(front: Front) -> None:
    url = front.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    for size, status in ((MAX_HEAD_BYTES - 2_000, b"200"), (MAX_HEAD_BYTES + 2_000, b"431")):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        for _ in range(size // 2_000):
            writer.write(b"A: " + b"a" * 1_995 + b"\r\n")
            await writer.drain()
        writer.write(b"\r\n")
        response = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert response.split()[1] == status
        await asyncio.wait_for(reader.readuntil(b"}\n"), 5)
    writer.close()
    await writer.wait_closed()


async def test_an_address_has_a_longest_length(front: Front) -> None:
    query = "a" * (MAX_ADDRESS_BYTES - len("/healthz?"))
    assert (await front.get(f"/healthz?{query}")).status == 200
    await problem(await front.get(f"/healthz?{query}a"), 414, "address-too-long")


@pytest.mark.parametrize("address", [b"GET /healthz", b"GET /nothing", b"PUT /sessions"])
@pytest.mark.parametrize("wish", [b"nonsense", b"\x80"])
async def test_an_expectation_that_cannot_be_met_is_a_problem(
    front: Front, address: bytes, wish: bytes
) -> None:
    request = b"%b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: %b\r\n\r\n" % (address, wish)
    assert (await raw(front, request))[1]["code"] == "bad-request"


async def test_a_key_that_is_no_text_is_refused(front: Front) -> None:
    request = b"GET /sessions HTTP/1.1\r\nHost: a\r\nConnection: close\r\napikey: \xff\r\n\r\n"
    assert (await raw(front, request))[1]["code"] == "unauthorized"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_what_it_says_is_a_problem(front: Front, encoding: str) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    response = await front.client.post("/sessions", data=b"nothing compressed", headers=headers)
    refused = await problem(response, 400, "bad-request")
    assert refused["detail"] == f"the body is not {encoding}, as Content-Encoding says"


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate"])
@pytest.mark.parametrize("body", [b"\x06\x06", b"nothing compressed", b"x" * 70_000])
@pytest.mark.parametrize("is_at_once", [True, False])
async def test_the_connection_of_such_a_body_ends_with_one_response_and_no_bug(
    front: Front, encoding: bytes, body: bytes, is_at_once: bool, caplog: pytest.LogCaptureFixture
) -> None:
    url = front.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
    writer.write(head % (encoding, len(body)) + body * is_at_once)
    if not is_at_once:
        await until(lambda: front.whole.metrics.http.in_flight == 1)
        writer.write(body)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    assert answer.count(b"HTTP/1.1 ") == 1
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "bad-request"
    assert "Unhandled exception" not in caplog.text


@pytest.mark.parametrize("rest", [b"zz\r\n", b"3\r\nabcd\r\n"])
async def test_chunks_that_break_off_in_the_middle_of_a_body_are_answered_at_once(
    front: Front, rest: bytes
) -> None:
    url = front.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = b"POST /sessions HTTP/1.1\r\nHost: a\r\nX-Api-Key: %b\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head % ADMIN_KEY.encode())
    await until(lambda: front.whole.metrics.http.in_flight == 1)
    writer.write(rest)
    answer = await asyncio.wait_for(reader.read(), 5)  # The connection ends with one response.
    writer.close()
    await writer.wait_closed()
    assert answer.count(b"HTTP/1.1 ") == 1
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (problem["code"], problem["detail"]) == ("bad-request", "the chunks of the body are not valid")


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "caf\u00e9"])
async def test_a_body_in_an_encoding_that_cannot_be_decoded_is_refused(front: Front, encoding: str) -> None:
    response = await front.client.post("/sessions", data=b"{}", headers={"Content-Encoding": encoding})
    await problem(response, 415, "unsupported-encoding")
    assert response.headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", b'{"id":"shop"}'),
        ("GZIP", gzip.compress(b'{"id":"shop"}')),
        ("deflate", zlib.compress(b'{"id":"shop"}')),
    ],
    ids=["identity", "gzip", "deflate"],
)
async def test_a_body_in_an_encoding_that_can_be_decoded_is_taken(
    front: Front, encoding: str, body: bytes
) -> None:
    response = await front.client.post("/sessions", data=body, headers={"Content-Encoding": encoding})
    assert (response.status, (await response.json())["id"]) == (201, "shop")


@pytest.mark.parametrize("cursor", ['[9223372036854775808,"a"]', "[" + "9" * 400 + ',"a"]', '[-1,"a"]'])
async def test_a_cursor_beyond_all_numbers_is_refused(front: Front, cursor: str) -> None:
    text = base64.urlsafe_b64encode(cursor.encode()).decode()
    response = await front.get("/sessions", params={"cursor": text})
    assert (response.status, (await response.json())["code"]) == (400, "bad-cursor")


@pytest.mark.parametrize(
    "line",
    [
        b'{"event":"qrs_exhausted","epoch":9223372036854775808}',
        b'{"event":"qr_issued","epoch":1,"ordinal":1,"payload":"x","issuedAt":1e308,"lifetime":1e308}',
        b'{"event":"up","epoch":1,"x":' + b"[" * 50_000,
        b"\xff\xfe",
        b"x" * 2_000_000,
    ],
    ids=["epoch", "time", "depth", "bytes", "length"],
)
async def test_a_line_that_makes_no_sense_leaves_the_session_hearing(front: Front, line: bytes) -> None:
    await front.create()
    pipe = os.open(front.folder.session("shop").events, os.O_WRONLY)
    await asyncio.to_thread(os.write, pipe, b"\n" + line + b"\n")
    os.close(pipe)
    front.connector().drop()
    await front.asleep()
    assert (await front.read(params={"refresh": "false"}))["qrCode"] is None


async def test_a_conditional_read_is_not_fooled_by_a_session_that_had_the_id_before(front: Front) -> None:
    await front.create()
    tag = (await front.get("/sessions/shop")).headers["ETag"]
    await front.client.delete("/sessions/shop")
    front.time.advance(1)
    await front.create()
    assert (await front.get("/sessions/shop", headers={"If-None-Match": tag})).status == 200


async def test_a_wait_that_ends_without_a_code_does_not_say_that_the_old_one_is_good(front: Front) -> None:
    await front.create()
    tag = (await front.get("/sessions/shop")).headers["ETag"]
    front.whatsapp.silent = True
    front.connector().drop()
    await front.asleep()
    headers = {"If-None-Match": tag, "Prefer": "wait=2"}
    waiting = asyncio.create_task(front.client.get("/sessions/shop", headers=headers))
    await front.restarted()
    front.time.advance(2.5)
    response = await waiting
    assert response.status == 200
    assert (await response.json())["qrCode"] is None


async def test_a_code_is_dead_although_the_database_cannot_say_so(front: Front) -> None:
    await front.create()
    other = sqlite3.connect(front.folder.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    front.connector().drop()
    await until(lambda: "shop" not in front.supervisor.connectors)
    await front.closed()
    read = await front.read(params={"refresh": "false"})
    other.execute("ROLLBACK")
    other.close()
    assert read["qrCode"] is None


async def test_a_failure_of_an_older_start_that_comes_late_is_no_answer_to_a_read(front: Front) -> None:
    await front.create()
    front.whatsapp.silent = True
    front.time.advance(161)
    reading = asyncio.create_task(front.read())
    connector = await front.restarted()
    await until(lambda: connector.is_greeted)
    connector.say(Closed(epoch=1, seq=10_000, reason=Reason("whatsapp-unreachable", "long ago")))
    await front.until("qr_waiting")
    connector.begin()
    assert (await reading)["qrCode"] is not None


async def test_a_stopped_session_that_is_deleted_is_logged_out_too(front: Front) -> None:
    await front.pair()
    await front.ask("stop")
    assert (await front.client.delete("/sessions/shop")).status == 204
    assert front.whatsapp.paired == {}


async def test_a_create_does_not_adopt_what_a_link_leads_to(front: Front) -> None:
    elsewhere = front.folder.path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "connector.db").write_text("another session's credentials")
    front.folder.sessions.mkdir(exist_ok=True)
    front.folder.session("shop").path.symlink_to(elsewhere)
    await front.create()
    assert not front.folder.session("shop").path.is_symlink()
    assert not (front.folder.session("shop").path / "connector.db").exists()


async def test_a_code_that_dies_on_its_way_to_the_reader_is_replaced(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    regenerate = Refresh._regenerate

    async def unlucky(refresh: Refresh, session_id: str) -> Session:
        session = await regenerate(refresh, session_id)
        monkeypatch.undo()
        front.connector().drop()
        await front.asleep()
        return session

    monkeypatch.setattr(Refresh, "_regenerate", unlucky)
    assert (await front.read())["qrCode"] == "https://wa.me/settings/linked_devices#shop-3-1"
