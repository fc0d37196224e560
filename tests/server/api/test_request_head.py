"""What a request that the parser refuses is answered with. The parser is aiohttp's own."""

import asyncio

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpRequestParser

from server.api.request_head import MAX_ADDRESS_BYTES, MAX_HEAD_BYTES, PARSER_LIMITS, refusal
from server.core.errors import BadRequest

HOST = b" HTTP/1.1\r\nHost: a\r\n"
SECRET = b"motte_secret"


async def refused(request: bytes) -> tuple[str, str]:
    """Returns the code and the detail for a request that the parser refuses."""
    loop = asyncio.get_running_loop()
    parser = HttpRequestParser(BaseProtocol(loop), loop, 2**16, **PARSER_LIMITS)  # type: ignore[arg-type]
    with pytest.raises(HttpProcessingError) as raised:
        parser.feed_data(request)
    error = refusal(raised.value)
    assert "motte" not in error.detail
    return error.code, error.detail


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        (b"GET /" + b"a" * MAX_ADDRESS_BYTES + HOST + b"\r\n", "address-too-long"),
        (b"GET /?q=" + b"a" * MAX_ADDRESS_BYTES + HOST + b"\r\n", "address-too-long"),
        (b"GET /" + HOST + b"Cookie: " + b"a" * (MAX_HEAD_BYTES + 1) + b"\r\n\r\n", "headers-too-large"),
        (b"GET /" + HOST + b"a" * (MAX_HEAD_BYTES + 1) + b": a\r\n\r\n", "headers-too-large"),
        (b"GET /" + HOST + b"a: b\r\n" * 128 + b"\r\n", "headers-too-large"),
        (b"GET /" + HOST + b"Content-Encoding: br\r\n\r\n", "unsupported-encoding"),
        (b"GET /" + HOST + b"Content-Encoding: zstd\r\n\r\n", "unsupported-encoding"),
        (b"GET / HTTP/9.1\r\nHost: a\r\n\r\n", "http-version-not-supported"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http-version-not-supported"),
    ],
)
async def test_what_has_a_code_of_its_own_gets_it(request_bytes: bytes, code: str) -> None:
    assert (await refused(request_bytes))[0] == code


@pytest.mark.parametrize(
    ("request_bytes", "detail"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "the header Host is missing"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "the header Host was sent more than once"),
        (b"GET / HTTP/1.1\nHost: a\n\n", "a line does not end with CR LF"),
        (b"GET / HTTP/1.1\r\nHost: a\nX-Api-Key: motte_secret\r\n\r\n", "a line does not end with CR LF"),
        (b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "a line does not end with CR LF"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", "this port speaks HTTP, and the client speaks HTTPS"),
        (b"GET /a b HTTP/1.1\r\n\r\n", "the address contains a space, or no version of HTTP follows it"),
        (b"get / HTTP/1.1\r\n\r\n", "the request does not begin with a method of HTTP"),
        (
            b"GET /caf\xc3\xa9" + HOST + b"\r\n",
            "the address is not valid: it begins with / and has no characters beyond ASCII",
        ),
        (
            b"GET motte_secret" + HOST + b"\r\n",
            "the address is not valid: it begins with / and has no characters beyond ASCII",
        ),
        (
            b"GET /" + HOST + b"X-Api-Key: motte_secret\x00\r\n\r\n",
            "a header contains a character that HTTP does not allow there",
        ),
        (
            b"GET /" + HOST + b"X-Api-Key : motte_secret\r\n\r\n",
            "a header contains a character that HTTP does not allow there",
        ),
        (b"GET /" + HOST + b" X-Api-Key: motte_secret\r\n\r\n", "a header begins with a space"),
        (b"GET /" + HOST + b"Content-Length: 1x\r\n\r\n", "Content-Length is not a number"),
        (
            b"GET /" + HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "Content-Length and Transfer-Encoding cannot be sent together",
        ),
        (
            b"GET /" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            "Content-Length and Transfer-Encoding cannot be sent together",
        ),
        (
            b"POST /" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            "the chunks of the body are not valid",
        ),
        (
            b"POST /" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\n",
            "the chunks of the body are not valid",
        ),
        (b"GET /" + HOST + b"Transfer-Encoding: gzip\r\n\r\n", "Transfer-Encoding may only be chunked"),
    ],
)
async def test_what_breaks_a_rule_of_http_is_told_the_rule(request_bytes: bytes, detail: str) -> None:
    assert await refused(request_bytes) == ("bad-request", detail)


def test_a_reason_that_nobody_knows_is_not_repeated() -> None:
    error = HttpProcessingError(message="Something new:\n\n  b'X-Api-Key: motte_secret'")
    assert refusal(error).detail == BadRequest.default_detail()
