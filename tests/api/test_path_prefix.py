"""Motte under a path: a proxy takes `/wa` away and hands the rest on, as `proxy_pass http://…/;` does."""

import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from server.cli.serve.launch import ROOT
from tests.api.conftest import ADMIN_KEY, Front

PREFIX = "/wa"


class Proxied:
    """A caller that knows the address of the proxy alone."""

    def __init__(self, http: ClientSession, root: str) -> None:
        self.http = http
        self.root = root

    async def get(self, address: str, **options: Any) -> tuple[int, str]:
        """What is at an address, as a client resolves it."""
        async with self.http.get(urljoin(self.root, address), **options) as response:
            return response.status, await response.text()


@pytest.fixture
async def proxied(front: Front) -> AsyncGenerator[Proxied]:
    async def hand_on(request: web.Request) -> web.Response:
        path = request.rel_url.raw_path.removeprefix(PREFIX)
        target = front.client.make_url(path).with_query(request.query_string)
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        async with (
            ClientSession() as http,
            http.request(
                request.method, target, headers=headers, data=await request.read(), allow_redirects=False
            ) as answer,
        ):
            names = ("Location", "Content-Type")
            kept = {name: answer.headers[name] for name in names if name in answer.headers}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    app = web.Application()
    app.router.add_route("*", PREFIX + "/{path:.*}", hand_on)
    async with (
        TestServer(app) as server,
        ClientSession(headers={"Authorization": f"Bearer {ADMIN_KEY}"}) as http,
    ):
        root = str(server.make_url(PREFIX + "/"))
        front.whole.settings = replace(front.whole.settings, public_url=root.rstrip("/"))
        yield Proxied(http, root)


async def test_the_address_of_a_created_session_leads_to_it(proxied: Proxied) -> None:
    for status in (201, 409):
        async with proxied.http.post(f"{proxied.root}sessions", json={"id": "shop"}) as response:
            assert response.status == status
            address = urljoin(str(response.url), response.headers["Location"])
        assert address == f"{proxied.root}sessions/shop"
        assert (await proxied.get(address))[0] == 200


async def test_a_generated_client_finds_the_api_where_its_description_is(proxied: Proxied) -> None:
    address = f"{proxied.root}openapi.json"
    async with proxied.http.get(address) as response:
        (server,) = (await response.json())["servers"]
    assert urljoin(address, server["url"]) == proxied.root


@pytest.mark.parametrize("page", ["", "docs", "scan"])
async def test_all_that_a_page_loads_is_where_the_page_says(proxied: Proxied, page: str) -> None:
    if page == "scan":
        await proxied.http.post(f"{proxied.root}sessions", json={"id": "shop"})
        async with proxied.http.post(f"{proxied.root}sessions/shop/scan-link") as response:
            page = (await response.json())["url"]
    address = urljoin(proxied.root, page)
    status, text = await proxied.get(address)
    assert status == 200
    loaded = re.findall(r"""(?:href|src|action)="([^"#][^"]*)\"""", text)
    assert loaded
    for name in loaded:
        assert not name.startswith("/"), name
        if "{" not in name and not name.startswith("http"):
            assert (await proxied.get(urljoin(address, name)))[0] == 200, name


async def test_the_type_of_an_error_leads_to_its_page(proxied: Proxied) -> None:
    async with proxied.http.get(f"{proxied.root}sessions/nobody") as response:
        kind = (await response.json())["type"]
    address = urljoin(f"{proxied.root}sessions/nobody", kind)
    assert address == f"{proxied.root}problems/session-not-found"
    status, text = await proxied.get(address)
    assert status == 200
    for name in re.findall(r"""(?:href|src)="([^"]*)\"""", text):
        assert (await proxied.get(urljoin(address, name)))[0] == 200, name


async def test_an_unknown_address_leads_to_the_description_below_the_path(proxied: Proxied) -> None:
    status, text = await proxied.get("nothing")
    assert (status, f"; {PREFIX}/docs on this host lists all routes" in text) == (404, True)


async def test_a_slash_too_many_leads_to_an_address_below_the_path(proxied: Proxied) -> None:
    status, text = await proxied.get("docs/")
    assert status == 200
    assert "<title>" in text


def test_no_script_asks_for_an_address_from_the_root() -> None:
    scripts = sorted((ROOT / "server" / "web" / "static").rglob("*.js"))
    assert scripts
    for script in scripts:
        assert re.findall(r"""(?:fetch|EventSource|import)\(?\s*['"`]/""", script.read_text()) == [], script
