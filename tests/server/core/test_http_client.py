"""The front's own requests go through the proxy of the host."""

import socket
from collections.abc import AsyncGenerator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.core.host_proxy import host_proxy
from server.core.http_client import failures, open_client
from tests.support.proxy import FakeProxy

#: A name that no resolver knows (RFC 6761): only the proxy can lead somewhere.
URL = "http://whatsapp.invalid:8080/sw.js"


@pytest.fixture
async def site() -> AsyncGenerator[tuple[str, int]]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="found")

    app = web.Application()
    app.router.add_get("/sw.js", answer)
    async with TestServer(app) as server:
        yield "127.0.0.1", server.port or 0


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("credentials", [None, ("ann", "secret")])
async def test_a_request_goes_through_the_proxy_which_looks_the_name_up(
    site: tuple[str, int], scheme: str, credentials: tuple[str, str] | None
) -> None:
    async with FakeProxy(scheme, to=site, credentials=credentials) as proxy:
        way = host_proxy(proxy.url, {})
        async with open_client(URL, way) as client, client.get(URL) as answer:
            assert await answer.text() == "found"
        assert proxy.asked == ["whatsapp.invalid:8080"]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_request_to_loopback_does_not(site: tuple[str, int], scheme: str) -> None:
    url = f"http://127.0.0.1:{site[1]}/sw.js"
    async with FakeProxy(scheme, to=("127.0.0.1", 1)) as proxy:
        async with open_client(url, host_proxy(proxy.url, {})) as client, client.get(url) as answer:
            assert await answer.text() == "found"
        assert proxy.asked == []


async def test_a_request_without_the_setting_ignores_other_programs_variables(
    site: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FakeProxy("http", to=site) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with open_client(URL, None) as client:
            with pytest.raises(failures()):
                await client.get(URL)
        assert proxy.asked == []


def _closed_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("trouble", ["refuses", "wrong password", "garbage", "closes", "502"])
async def test_a_proxy_that_refuses_or_lies_is_a_failure_that_shows_no_password(
    site: tuple[str, int], scheme: str, trouble: str
) -> None:
    says = {"garbage": b"\xff\x00 nonsense\r\n\r\n", "502": b"HTTP/1.1 502 Bad Gateway\r\n\r\n"}.get(
        trouble, b""
    )
    async with FakeProxy(scheme, to=site, credentials=("ann", "right"), says=says) as proxy:
        port = _closed_port() if trouble == "refuses" else proxy.port
        password = "secret" if trouble == "wrong password" else "right"
        url = f"{scheme}://ann:{password}@127.0.0.1:{port}"
        if trouble == "closes":
            await proxy.__aexit__(None, None, None)
        async with open_client(URL, host_proxy(url, {})) as client:
            if (scheme, trouble) in (("http", "wrong password"), ("http", "502")):
                async with client.get(URL) as answer:  # of a plain request the proxy's answer is the answer
                    assert answer.status in (407, 502)
                return
            with pytest.raises(failures()) as failed:
                await client.get(URL)
    assert "secret" not in str(failed.value)
