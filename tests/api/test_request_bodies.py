"""Request bodies that cannot be decoded, or break off."""

import gzip
import zlib

import pytest

from tests.api.bytes_sent import in_parts
from tests.api.conftest import ADMIN_KEY, Front
from tests.api.problem_documents import problem


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
    head = b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
    head %= encoding, len(body)
    parts = [head + body] if is_at_once else [head, body]
    assert (await in_parts(front, *parts))["code"] == "bad-request"
    assert "Unhandled exception" not in caplog.text


@pytest.mark.parametrize("rest", [b"zz\r\n", b"3\r\nabcd\r\n"])
async def test_chunks_that_break_off_in_the_middle_of_a_body_are_answered_at_once(
    front: Front, rest: bytes
) -> None:
    head = b"POST /sessions HTTP/1.1\r\nHost: a\r\nX-Api-Key: %b\r\nTransfer-Encoding: chunked\r\n\r\n"
    problem = await in_parts(front, head % ADMIN_KEY.encode(), rest)
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
