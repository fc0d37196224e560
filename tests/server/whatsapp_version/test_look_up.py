"""What a look-up of WhatsApp's version believes, and how little a bad site can do to it."""

import asyncio
import gzip
import tracemalloc
from contextlib import suppress
from datetime import date
from itertools import pairwise
from time import monotonic

import pytest
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from server.core.host_proxy import host_proxy
from server.whatsapp_version import look_up as module
from server.whatsapp_version.look_up import MAX_WORKER_BYTES, LookUpFailed, look_up, read_revision
from server.whatsapp_version.revisions import (
    BUILT_IN,
    BUILT_IN_ON,
    DATED,
    built_on,
    is_believable,
    revision_of,
    version_of,
)
from tests.support.proxy import FakeProxy
from tests.support.site import Answer, site, text, trickle, worker

REVISION = 1_053_000_000

#: Some 50 KB that are 50 MB when they are unpacked.
BOMB = gzip.compress(bytes(50_000_000), compresslevel=1)

#: Milliseconds.
DAY = 86_400_000
BUILT_IN_AT = (BUILT_IN_ON - date(1970, 1, 1)).days * DAY


async def test_the_revision_is_read_from_the_service_worker() -> None:
    async with site() as found:
        found.announces(REVISION)
        assert await look_up(found.url, None) == REVISION
        assert found.headers[0]["User-Agent"].startswith("Mozilla/5.0")
        assert "Cookie" not in found.headers[0]


@pytest.mark.parametrize(
    "body",
    [
        f'{{"client_revision":{REVISION},"server_revision":1}}',
        f'{{"client_revision" : {REVISION}}}',
        rf"var a='{{\"client_revision\":{REVISION}}}'",
        f'{{"client_revision":{REVISION}}} {{"client_revision":{REVISION}}}',
    ],
)
def test_every_way_in_which_the_site_writes_it_is_read(body: str) -> None:
    assert read_revision(body.encode()) == REVISION


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>Something went wrong</html>",
        '{"client_revision":"abc"}',
        '{"client_revision":null}',
        '{"client_revision":-1053000000}',
        '{"client_revision":1053000000.5}',
        '{"client_revision":1e9}',
        '{"client_revision":0}',
        '{"client_revision":99999999999}',
        '{"client_revision":' + "9" * 5000 + "}",
        '{"client_revision":',
        '{"server_revision":1053000000}',
        '{"client_revision":1053000000} {"client_revision":1053000001}',
        "\0" * 1000,
    ],
)
def test_a_worker_that_names_no_possible_revision_is_a_failure(body: str) -> None:
    with pytest.raises(LookUpFailed):
        read_revision(body.encode())


@given(st.binary(max_size=200))
@example(b'"client_revision":')
def test_any_bytes_are_a_revision_or_a_failure(body: bytes) -> None:
    with suppress(LookUpFailed):
        assert 0 < read_revision(body) < 10**10


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (text("", status=400), "HTTP 400"),
        (text("slow down", status=429), "HTTP 429"),
        (text("", status=500), "HTTP 500"),
        (text("", status=204), "HTTP 204"),
        (text("", status=304), "HTTP 304"),
        (text("no revision"), "names no client_revision"),
        (text(" " * 10_000_000 + worker(REVISION)), "more than 1048576 bytes"),
        (text(BOMB, Content_Encoding="gzip"), "more than 1048576 bytes"),
        (text(b"\x1f\x8bnot packed", Content_Encoding="gzip"), "cannot be unpacked"),
        (text(gzip.compress(worker(REVISION).encode())[:-9], Content_Encoding="gzip"), "cannot be unpacked"),
        (text("?", Content_Encoding="br"), "packed in a way"),
        (text("", status=302, Location="https://example.com/sw.js"), "redirects to another host"),
        (text("", status=302, Location="http://127.0.0.1:1/sw.js"), "redirects to another host"),
        (text("", status=302, Location="file:///etc/passwd"), "redirects to another host"),
        (text("", status=302, Location="http://[::"), "redirects to another host"),
        (text("", status=302, Location="/sw.js"), "redirects more than 3 times"),
        (text("", status=302), "HTTP 302"),
    ],
)
async def test_a_bad_answer_is_a_failure_that_says_why(answer: Answer, why: str) -> None:
    async with site() as found:
        found.serves(answer)
        with pytest.raises(LookUpFailed, match=why):
            await look_up(found.url, None)


async def test_an_answer_of_as_many_bytes_as_the_limit_is_read_and_of_one_more_not() -> None:
    longest = worker(REVISION).rjust(MAX_WORKER_BYTES)
    async with site() as found:
        found.serves(text(longest))
        assert await look_up(found.url, None) == REVISION
        found.serves(text(" " + longest))
        with pytest.raises(LookUpFailed, match="more than 1048576 bytes"):
            await look_up(found.url, None)


async def test_a_bomb_takes_no_memory() -> None:
    async with site() as found:
        found.serves(text(BOMB, Content_Encoding="gzip"))
        tracemalloc.start()
        try:
            with pytest.raises(LookUpFailed):
                await look_up(found.url, None)
            assert tracemalloc.get_traced_memory()[1] < 8 * MAX_WORKER_BYTES
        finally:
            tracemalloc.stop()


async def test_a_redirect_on_the_same_host_is_followed() -> None:
    async with site() as found:
        found.serves(text("", status=302, Location="/there.js"))
        found.serves(text(worker(REVISION)), "/there.js")
        assert await look_up(found.url, None) == REVISION


async def test_a_packed_worker_is_unpacked() -> None:
    async with site() as found:
        found.serves(text(gzip.compress(worker(REVISION).encode()), Content_Encoding="gzip"))
        assert await look_up(found.url, None) == REVISION


async def silence(request: object) -> web.Response:
    """No answer at all."""
    await asyncio.sleep(1)
    return web.Response()


@pytest.mark.parametrize("answer", [trickle, silence])
async def test_a_slow_site_gets_a_few_seconds(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_UP_TIMEOUT_SECONDS", 0.3)
    async with site() as found:
        found.serves(answer)
        began = monotonic()
        with pytest.raises(LookUpFailed, match=r"within 0\.3 seconds"):
            await look_up(found.url, None)
        assert monotonic() - began < 3


async def test_where_nobody_listens_the_look_up_fails() -> None:
    async with site() as found:
        url = found.url
    with pytest.raises(LookUpFailed):
        await look_up(url, None)


async def test_a_certificate_that_nobody_trusts_is_refused() -> None:
    async with site(has_tls=True) as found:
        found.announces(REVISION)
        with pytest.raises(LookUpFailed, match="certificate"):
            await look_up(found.url, None)
        assert found.asked == 0


async def test_a_site_that_speaks_no_tls_is_refused() -> None:
    async with site() as found:
        with pytest.raises(LookUpFailed):
            await look_up(found.url.replace("http:", "https:"), None)


def test_the_proxies_of_the_environment_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked() -> int:
        async with site() as found:
            found.announces(REVISION)
            return await look_up(found.url, None)

    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    assert asyncio.run(asked()) == REVISION


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_the_look_up_goes_through_the_proxy_of_the_host(scheme: str) -> None:
    async with site() as found, FakeProxy(scheme, to=("127.0.0.1", URL(found.url).port or 0)) as proxy:
        found.announces(REVISION)
        url = "http://whatsapp.invalid:8080/sw.js"
        assert await look_up(url, host_proxy(proxy.url, {})) == REVISION
        assert proxy.asked == ["whatsapp.invalid:8080"]


@pytest.mark.parametrize("says", [b"HTTP/1.1 407 no\r\n\r\n", b"\x05\xff", b"rubbish", b""])
@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_refuses_or_lies_is_a_failure_without_its_password(
    scheme: str, says: bytes
) -> None:
    credentials = ("ann", "secret")
    async with FakeProxy(scheme, to=("127.0.0.1", 1), credentials=credentials, says=says) as proxy:
        with pytest.raises(LookUpFailed) as caught:
            await look_up("https://whatsapp.invalid/sw.js", host_proxy(proxy.url, {}))
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_hangs_gets_a_few_seconds(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_UP_TIMEOUT_SECONDS", 0.3)
    async with FakeProxy(scheme, to=("127.0.0.1", 1)) as proxy:
        proxy.hangs = True
        with pytest.raises(LookUpFailed):
            await look_up("https://whatsapp.invalid/sw.js", host_proxy(proxy.url, {}))


@pytest.mark.parametrize(
    ("revision", "days", "is_believed"),
    [
        (BUILT_IN + 1, 1, True),
        (BUILT_IN + 200_000, 1, True),
        (BUILT_IN + 200_001, 1, False),
        (BUILT_IN + 200_000 * 50, 50, True),
        (BUILT_IN + 75_000 * 180, 180, True),
        (BUILT_IN + 200_000 * 50 + 1, 50, False),
        (BUILT_IN, 50, False),
        (BUILT_IN - 1, 50, False),
        (1, 50, False),
        (9_999_999_999, 365, False),
        # The host's clock is behind the day on which this Motte was built.
        (BUILT_IN + 1, 0, False),
        (BUILT_IN + 1, -400, False),
        # It is far ahead: a version that is too new by that is still a version that the site named.
        (BUILT_IN + 75_000, 36_500, True),
    ],
)
def test_a_number_counts_if_the_days_since_the_built_in_one_can_have_brought_it(
    revision: int, days: int, is_believed: bool
) -> None:
    assert is_believable(revision, BUILT_IN_AT + days * DAY) is is_believed


def test_the_built_in_version_is_the_newest_of_the_table_which_only_grows() -> None:
    assert DATED[-1] == (BUILT_IN, BUILT_IN_ON)
    assert list(DATED) == sorted(DATED)
    assert [day for _, day in DATED] == sorted(day for _, day in DATED)


def test_every_version_that_was_public_would_have_been_believed() -> None:
    for (revision, day), (later, later_day) in pairwise(DATED):
        assert (later - revision) / (later_day - day).days <= 200_000


@pytest.mark.parametrize(
    ("revision", "day"),
    [
        (1_043_857_760, date(2026, 7, 25)),
        (1_044_753_563, date(2026, 8, 7)),  # half-way to the next
        (BUILT_IN, BUILT_IN_ON),
        (BUILT_IN + 7_500_000, date(2027, 1, 18)),  # a hundred days later
        (0, None),
        (9_999_999_999, None),
    ],
)
def test_a_version_tells_about_when_it_was_built(revision: int, day: date | None) -> None:
    assert day in (None, built_on(revision))


def test_a_version_is_its_revision_behind_a_prefix() -> None:
    assert version_of(BUILT_IN) == "2.3000.1049950004"
    assert revision_of(version_of(BUILT_IN)) == BUILT_IN
    assert [revision_of(text) for text in ("2.3000.", "2.2413.51", "2.3000.1x", "", None)] == [None] * 5
