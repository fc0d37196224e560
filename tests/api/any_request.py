"""Strategies that make any request to a route, and any bytes."""

import json
import re
import zlib
from dataclasses import dataclass

from hypothesis import strategies as st

from server.api.route import Route
from tests.api.conftest import ADMIN_KEY, READ_KEY
from tests.api.fuzzing import CANARY, Sent

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
