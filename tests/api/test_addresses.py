"""Addresses that people type and browsers ask for by themselves, and what a head tells strangers."""

import asyncio
from urllib.parse import urljoin

import pytest

from tests.api.conftest import Front
from tests.api.problem_documents import problem


async def exchanged(front: Front, request: str) -> str:
    """The head of the answer to these very bytes."""
    reader, writer = await asyncio.open_connection(front.client.host, front.client.port)
    writer.write(request.encode())
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/docs/", "../docs"),
        ("/sessions/", "../sessions"),
        ("/sessions/?status=connected&limit=2", "../sessions?status=connected&limit=2"),
        ("/sessions/shop/", "../shop"),
        ("/sessions/a%20b/", "../a%20b"),
        ("/sessions/shop/qr/", "../qr"),
        ("/healthz/", "../healthz"),
    ],
)
async def test_a_slash_at_the_end_leads_to_the_address_without_it(
    front: Front, path: str, location: str
) -> None:
    for method in ("GET", "HEAD", "POST"):
        response = await front.client.request(method, path, allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (308, location)
        assert response.content_type == "text/plain"
        assert ("no slash at its end" in await response.text()) == (method != "HEAD")
    meant = path.partition("?")[0].rstrip("/")
    assert urljoin(f"http://motte{path}", location).partition("?")[0] == f"http://motte{meant}"
    assert urljoin(f"http://motte/wa{path}", location).partition("?")[0] == f"http://motte/wa{meant}"


async def test_a_create_that_follows_the_redirect_makes_its_session(front: Front) -> None:
    response = await front.client.post("/sessions/", json={"id": "shop"})
    assert (response.status, (await response.json())["id"]) == (201, "shop")


@pytest.mark.parametrize(
    "path", ["/nothing/", "//", "//example.org/", "/docs//", "/docs//start.js/x/", "/sessions/../"]
)
async def test_nothing_else_is_redirected(front: Front, path: str) -> None:
    head = await exchanged(front, f"GET {path} HTTP/1.1\r\nHost: motte\r\nConnection: close\r\n\r\n")
    assert head.startswith("HTTP/1.1 404 ")


async def test_a_browser_gets_an_icon_for_addresses_that_are_no_pages(front: Front) -> None:
    async with front.stranger() as stranger:
        icon = await stranger.get("/favicon.ico")
        assert (icon.status, icon.content_type) == (200, "image/svg+xml")
        assert (await icon.text()).startswith("<svg")
        unchanged = await stranger.get("/favicon.ico", headers={"If-None-Match": icon.headers["ETag"]})
        assert unchanged.status == 304


@pytest.mark.parametrize(
    "request_line",
    ["GET /healthz HTTP/1.1", "GET /nothing HTTP/1.1", "GET /docs/ HTTP/1.1", "GET / HTTP/9.9", "nonsense"],
)
async def test_no_head_names_the_versions_of_what_motte_runs_on(front: Front, request_line: str) -> None:
    head = await exchanged(front, f"{request_line}\r\nHost: motte\r\nConnection: close\r\n\r\n")
    assert "\r\nServer: Motte\r\n" in head
    assert "Python" not in head
    assert "aiohttp" not in head


async def test_a_key_reads_which_version_runs_and_a_stranger_does_not(front: Front) -> None:
    described = await (await front.get("/openapi.json")).json()
    bound = await front.key("bound", "sessions:read", sessions=["shop"])
    async with front.stranger() as stranger:
        await problem(await stranger.get("/version"), 401, "unauthorized")
        document = await (await stranger.get("/version", headers=bound)).json()
    assert document["version"] == described["info"]["version"]
    assert document["isSandbox"] is False
