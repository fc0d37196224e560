"""What a request may be: at each limit it is taken, and one beyond it is refused."""

from typing import Any

import pytest

from server.api.schemas.cursors import PAGE_LIMIT
from server.api.schemas.session_fields import DEVICE_NAME_MAX_LENGTH, NAME_MAX_LENGTH
from server.auth.scan_links import MAX_LIFETIME_SECONDS
from server.core.proxies import MAX_URL_CHARACTERS
from tests.api.conftest import Front


@pytest.mark.parametrize(
    ("field", "at", "beyond"),
    [
        ("name", "n" * NAME_MAX_LENGTH, "n" * (NAME_MAX_LENGTH + 1)),
        ("deviceName", "n" * DEVICE_NAME_MAX_LENGTH, "n" * (DEVICE_NAME_MAX_LENGTH + 1)),
    ],
)
async def test_a_field_of_a_session_has_a_longest_text(
    front: Front, field: str, at: str, beyond: str
) -> None:
    await front.create()
    taken = await front.client.patch("/sessions/shop", json={field: at})
    assert (taken.status, (await taken.json())[field]) == (200, at)
    await assert_refused(front, "PATCH", "/sessions/shop", json={field: beyond})


async def test_the_url_of_a_proxy_has_a_longest_text(front: Front) -> None:
    """The zeros before its port make it as long as it may be."""
    await front.create()
    beginning, port = "http://proxy.example:", "3128"
    longest = beginning + port.zfill(MAX_URL_CHARACTERS - len(beginning))
    response = await front.client.patch("/sessions/shop", json={"proxy": longest})
    assert (response.status, (await response.json())["proxy"]) == (200, "http://proxy.example:3128")
    beyond = await front.client.patch("/sessions/shop", json={"proxy": longest.replace(port, f"0{port}")})
    assert (beyond.status, (await beyond.json())["code"]) == (400, "validation-failed")
    assert "2000" in (await beyond.json())["errors"][0]["detail"].replace(",", "")


async def test_an_id_has_sixty_four_characters_at_most(front: Front) -> None:
    taken = await front.client.post("/sessions", json={"id": "a" * 64})
    assert taken.status == 201
    await assert_refused(front, "POST", "/sessions", json={"id": "a" * 65})
    assert (await front.get(f"/sessions/{'a' * 65}")).status == 404


@pytest.mark.parametrize("path", ["/sessions", "/sessions/shop/messages"])
async def test_a_page_has_a_largest_size(front: Front, path: str) -> None:
    await front.create()
    assert (await front.get(path, params={"limit": PAGE_LIMIT})).status == 200
    await assert_refused(front, "GET", path, params={"limit": PAGE_LIMIT + 1})
    await assert_refused(front, "GET", path, params={"limit": 0})


@pytest.mark.parametrize(("at", "beyond"), [(30, 29.9), (MAX_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS + 1)])
async def test_a_scan_link_has_a_shortest_and_a_longest_time(front: Front, at: float, beyond: float) -> None:
    await front.create()
    taken = await front.client.post("/sessions/shop/scan-link", json={"expiresIn": at})
    assert taken.status == 201
    await assert_refused(front, "POST", "/sessions/shop/scan-link", json={"expiresIn": beyond})


@pytest.mark.parametrize(("at", "beyond"), [(64, 63), (2048, 2049)])
async def test_a_picture_has_a_smallest_and_a_largest_size(front: Front, at: int, beyond: int) -> None:
    await front.create()
    path = "/sessions/shop/qr"
    assert (await front.get(path, params={"format": "png", "size": at})).status == 200
    await assert_refused(front, "GET", path, params={"format": "png", "size": beyond})


async def test_the_id_of_a_request_has_a_longest_text(front: Front) -> None:
    longest = "r" * 128
    for given, is_kept in ((longest, True), (longest + "r", False)):
        response = await front.get("/healthz", headers={"X-Request-Id": given})
        assert (response.headers["X-Request-Id"] == given) is is_kept


async def assert_refused(front: Front, method: str, path: str, **options: Any) -> None:
    response = await front.client.request(method, path, **options)
    assert (response.status, (await response.json())["code"]) == (400, "validation-failed")
