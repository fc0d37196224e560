"""What streams are refused with, before they begin."""

from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from server.auth.concurrency_limit import MAX_PER_SESSION
from server.core.settings.model import Settings
from tests.api.conftest import Front, opened
from tests.api.problem_documents import problem
from tests.api.stranger import link
from tests.support.stream import following
from tests.support.time import TurnedTime

ALL, SHOP = "/events", "/sessions/shop/events"


@pytest.mark.parametrize("path", [ALL, SHOP])
async def test_a_stream_is_refused_without_a_key(front: Front, path: str) -> None:
    await front.create()
    async with front.stranger() as stranger:
        for headers in ({}, {"X-Api-Key": "wrong"}, {"Cookie": f"motte_login={'x' * 43}"}):
            response = await stranger.get(path, headers=headers)
            await problem(response, 401, "unauthorized")
            assert response.headers["WWW-Authenticate"] == 'Bearer realm="motte"'


@pytest.mark.parametrize("path", [ALL, SHOP])
async def test_a_stream_is_refused_to_a_key_that_may_not_read(front: Front, path: str) -> None:
    await front.create()
    key = await front.key("bot", "sessions:write")
    await problem(await front.get(path, headers=key), 403, "forbidden")


async def test_a_stream_of_a_session_that_is_not_there_for_its_key_is_not_found(front: Front) -> None:
    await problem(await front.get(SHOP), 404, "session-not-found")
    await front.create()
    key = await front.key("bot", "sessions:read", sessions=["bar"])
    await problem(await front.get(SHOP, headers=key), 404, "session-not-found")


@pytest.mark.parametrize("path", [ALL, SHOP])
async def test_a_stream_counts_as_a_request_of_its_key(
    settings: Settings, time: TurnedTime, path: str
) -> None:
    async with opened(Settings(state=settings.state, rate_limit=0.25), time) as front:
        await front.create()
        response = await front.get(path)
        await problem(response, 429, "rate-limited")
        assert response.headers["Retry-After"] == "4"


async def test_the_stream_of_a_link_says_what_is_wrong_with_it(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    used, late = await link(front), await link(front, expiresIn=30)
    front.time.advance(31)
    await problem(await stranger.get("/scan/nonsense/events"), 403, "link-invalid")
    await problem(await stranger.get(f"{late}/events"), 410, "link-expired")
    await front.scan()
    await problem(await stranger.get(f"{used}/events"), 410, "link-used")


async def test_the_stream_of_a_link_that_is_open_too_often_says_when_to_come_back(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = f"{await link(front)}/events"
    async with AsyncExitStack() as readers:
        for _ in range(MAX_PER_SESSION):
            await readers.enter_async_context(following(stranger, path))
        response = await stranger.get(path)
        await problem(response, 429, "rate-limited")
        assert response.headers["Retry-After"] == "10"
