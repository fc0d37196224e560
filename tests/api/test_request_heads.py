"""Request lines and headers that are no HTTP, or too large."""

import asyncio

import pytest

from server.api.request_head import MAX_ADDRESS_BYTES, MAX_HEAD_BYTES, MAX_HEADERS
from tests.api.bytes_sent import raw
from tests.api.conftest import Front
from tests.api.problem_documents import problem


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
