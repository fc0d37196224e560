"""Anything at all, sent to every route: no bug, a problem document of the docs, nothing left behind."""

import asyncio
import json
import re
import zlib
from collections.abc import Generator
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.api.route import Route
from server.api.routes import ROUTES
from server.core.errors import UnsupportedVersion, kinds
from tests.api.conftest import ADMIN_KEY, READ_KEY
from tests.api.fuzzing import CANARY, Sent, Target, profile, target

CODES = {kind.code: kind.status for kind in kinds()}

TEXT = st.text(max_size=80)
BYTES = st.binary(max_size=200)
TOKEN = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"(),/:;<=>?@[\\]{}'), min_size=1
)

FIELDS = st.sampled_from(["id", "name", "phoneNumber", "a/b~c", ""]) | TEXT
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from(["shop", "other", "15551234567", "a\n", "\x00", 10**400, 1e308, "x" * 70_000, CANARY])
)
SHAPES = st.recursive(
    LEAVES, lambda part: st.lists(part, max_size=4) | st.dictionaries(FIELDS, part, max_size=4)
)


def _with_duplicates(pairs: list[tuple[str, object]]) -> bytes:
    return ("{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}").encode()


BODIES = (
    st.just(b"")
    | BYTES
    | SHAPES.map(lambda shape: json.dumps(shape).encode())
    | SHAPES.map(lambda shape: json.dumps(shape, ensure_ascii=False).encode(errors="replace"))
    | st.lists(st.tuples(FIELDS, LEAVES), max_size=5).map(_with_duplicates)
    | st.sampled_from(
        [
            b'{"id":"other"}',
            b'{"phoneNumber":"15551234567"}',
            b'{"name":"\\ud800"}',
            b'{"name":"\xed\xa0\x80"}',
            b'{"id":1e400}',
            b"[" * 60_000,
            b'{"name":' * 8_000,
            b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
            b"\xef\xbb\xbf{}",
            b"{}" + b" " * 66_000,
            zlib.compress(b"0" * 1_000_000),
        ]
    )
)

VALUES = BYTES.map(lambda value: re.sub(rb"[\r\n]", b"", value)) | TOKEN.map(str.encode)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                b"If-None-Match",
                b"Prefer",
                b"Accept",
                b"Accept-Language",
                b"Last-Event-ID",
                b"Origin",
                b"User-Agent",
                b"X-Request-Id",
                b"Expect",
                b"Content-Type",
                b"Content-Encoding",
                b"Content-Length",
                b"Transfer-Encoding",
                b"Connection",
                b"Upgrade",
                b"Range",
                b"Host",
                b"Cookie",
                b"X-Api-Key",
                b"Authorization",
            ]
        )
        | TOKEN.map(str.encode),
        VALUES
        | st.sampled_from(
            [
                b"wait=1",
                b"wait=-1",
                b"wait=1e9",
                b"wait=" + b"9" * 400,
                b"respond-async, wait=2",
                b'W/"x", "y", *',
                b"*",
                b"100-continue",
                b"gzip",
                b"deflate",
                b"br",
                b"zstd",
                b"chunked",
                b"gzip, chunked",
                b"websocket",
                b"h2c",
                b"upgrade",
                b"multipart/form-data; boundary=" + b"x" * 80,
                b"text/plain; charset=nonsense",
                b"Bearer " + CANARY.encode(),
                b"Basic " + CANARY.encode(),
                b"application/openmetrics-text;version=abc",
                b"text/*;q=2, */*;q=-1, ;;,",
                b"-1",
                b"7",
                b"99999999999999999999",
            ]
        ),
    ),
    max_size=4,
)
KEYS = st.sampled_from([ADMIN_KEY] * 6 + [READ_KEY, CANARY])
SEGMENTS = st.sampled_from(
    [b"shop", b"shop", b"nobody", b"..", b"%2e%2e%2f", b"a%0a", b"%ff", b"%ed%a0%80", b"%00"]
) | (BYTES.map(lambda text: b"".join(b"%%%02x" % byte for byte in text)))
QUERIES = st.lists(
    st.tuples(
        st.sampled_from([b"limit", b"cursor", b"status", b"refresh", b"wait"]) | TOKEN.map(str.encode),
        st.sampled_from(
            [
                b"1",
                b"-1",
                b"true",
                b"false",
                b"qr_waiting",
                b"WzEsIDJd",
                b"%ff",
                b"%ed%a0%80",
                b"9" * 400,
                b"",
            ]
        )
        | BYTES.map(lambda text: b"".join(b"%%%02x" % byte for byte in text)),
    ),
    max_size=3,
).map(lambda pairs: b"&".join(b"=".join(pair) for pair in pairs))


@dataclass(frozen=True)
class Request:
    """Bytes, and what they mean to be."""

    method: bytes
    sent: Sent


def _framed(body: bytes, framing: str) -> tuple[bytes, bytes]:
    """The headers that tell where the body ends, truly or not, and what is sent of it."""
    match framing:
        case "length":
            return b"Content-Length: %d\r\n" % len(body), body
        case "too short":
            return b"Content-Length: %d\r\n" % (len(body) // 2), body
        case "too long":
            return b"Content-Length: %d\r\n" % (len(body) + 7), body
        case "twice":
            return b"Content-Length: %d\r\nContent-Length: 1\r\n" % len(body), body
        case "chunked":
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return b"Transfer-Encoding: chunked\r\n", chunk + b"0\r\n\r\n"
        case "broken chunks":
            return b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffffff\r\n" + body + b"\r\n-1\r\n"
        case "both":
            return b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", b"0\r\n\r\n" + body
    return b"", body


#: What tells an answer that ends when its reader leaves.
STREAM = b"Content-Type: text/event-stream"
PAGE = b"Content-Type: text/html"

FRAMINGS = ["length"] * 6 + ["too short", "too long", "twice", "chunked", "broken chunks", "both", "none"]


@st.composite
def requests(draw: st.DrawFn, route: Route) -> Request:
    method = draw(
        st.just(route.method.encode())
        | st.sampled_from([b"HEAD", b"PUT", b"OPTIONS", b"CONNECT", b"TRACE"])
        | TOKEN.map(str.encode)
    )
    path = re.sub(rb"\{[^}]*\}", lambda _: draw(SEGMENTS), route.path.encode())
    path += draw(st.sampled_from([b"", b"", b"", b"/", b"/x", b"//", b"%2f", b";a"]))
    query = draw(QUERIES)
    extra = b"".join(b"%b: %b\r\n" % pair for pair in draw(HEADERS))
    framing, body = _framed(draw(BODIES), draw(st.sampled_from(FRAMINGS)))
    head = b"%b %b%b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer %b\r\n" % (
        method,
        path,
        b"?" + query if query else b"",
        draw(KEYS).encode(),
    )
    return Request(method, Sent(head + extra + framing + b"\r\n" + body))


@pytest.fixture(scope="module")
def goal() -> Generator[Target]:
    with target() as goal:
        yield goal


async def _answer(goal: Target, sent: bytes) -> bytes:
    """All that comes back until the front closes the connection; of a stream, how it begins."""
    url = goal.front.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        writer.write(sent)
        await goal.turned(_drained(writer))
        return await goal.turned(_read(reader))
    finally:
        writer.close()


async def _drained(writer: asyncio.StreamWriter) -> None:
    try:
        await writer.drain()
    except ConnectionError:
        return  # It was cut off in the middle of what it sent.


async def _read(reader: asyncio.StreamReader) -> bytes:
    heard = b""
    try:
        while STREAM not in heard and (more := await reader.read(65536)):
            heard += more
    except ConnectionError:
        pass
    return heard


def _check_answer(answer: bytes, *, has_body: bool, is_page: bool = False) -> int | None:
    """Checks that the docs know every status of it. The first status, or None if the connection was closed.

    is_page: people are answered there, with a page of their own.
    """
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    if not answer:
        return None
    for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer):
        assert int(status) < 500 or int(status) == UnsupportedVersion.status, answer
    head, _, body = answer.partition(b"\r\n\r\n")
    first = int(head.split()[1])
    if first < 400 or (is_page and PAGE in head):
        return first
    assert b"Content-Type: application/problem+json" in head, answer
    if has_body:
        problem, _ = json.JSONDecoder().raw_decode(body.decode())
        assert (problem["status"], CODES[problem["code"]]) == (first, first), problem
        assert problem["detail"]
        assert problem["instance"].startswith("urn:uuid:")
    return first


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_anything_at_a_route_is_answered_in_its_own_words_and_leaves_nothing(
    goal: Target, route: Route
) -> None:
    @profile
    @given(request=requests(route))
    def sent(request: Request) -> None:
        goal.run(_sent(goal, request, is_page=route.path == "/scan/{token}"))

    sent()


async def _sent(goal: Target, request: Request, *, is_page: bool) -> None:
    created = await goal.front.client.post("/sessions", json={"id": "shop"})
    assert created.status in (201, 409), await created.text()  # 409: left by an example that failed.
    answer = await _answer(goal, request.sent)
    _check_answer(answer, has_body=request.method != b"HEAD", is_page=is_page)
    await goal.settle()
    goal.check_log()


FRAGMENTS = st.sampled_from(
    [
        b"GET / HTTP/1.1\r\n",
        b"POST /sessions HTTP/1.1\r\n",
        b"GET /sessions/%ff HTTP/1.1\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"Host: a\r\n",
        b"Authorization: Bearer " + CANARY.encode() + b"\r\n",
        b"Authorization: Bearer " + CANARY.encode() + b"\x00\r\n",
        b" folded\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: -5\r\n",
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"x" * 9000,
        b"X: y\r\n" * 200,
    ]
)


@profile
@given(sent=st.lists(FRAGMENTS | BYTES, min_size=1, max_size=12).map(b"".join).map(Sent))
@example(sent=Sent(b"GET /sessions HTTP/1.1\r\n" * 2000))
@example(sent=Sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
def test_garbage_at_the_socket_is_a_problem_or_the_end_of_the_connection(goal: Target, sent: bytes) -> None:
    _check_answer(goal.run(_answer(goal, sent)), has_body=not sent.startswith(b"HEAD"))
    assert goal.run(goal.front.get("/healthz")).status == 200
    goal.check_log()
