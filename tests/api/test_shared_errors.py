"""One error that several callers receive: each response names the session of its own request."""

import asyncio
from typing import Any

from aiohttp.test_utils import TestClient

from server.core.errors import SupervisorUnavailable
from tests.api.conftest import Front
from tests.api.stranger import link


async def test_refreshes_that_end_with_one_error_each_name_their_own_session(front: Front) -> None:
    front.whatsapp.silent = True
    posts = [asyncio.create_task(front.client.post("/sessions", json={"id": name})) for name in ("a", "b")]
    for name in ("a", "b"):
        await front.started(name)
        await front.watched(name)
    error = SupervisorUnavailable()
    front.owner.subscriptions.close(error)
    problems = [await (await post).json() for post in posts]
    assert [problem["session"]["id"] for problem in problems] == ["a", "b"]
    assert error.session is None


async def test_a_picture_of_a_link_takes_the_session_from_no_other_answer(
    front: Front, stranger: TestClient[Any, Any]
) -> None:
    await front.create()
    path = await link(front)
    front.time.advance(161)
    await front.asleep()
    front.whatsapp.silent = True
    picture = asyncio.create_task(stranger.get(f"{path}/qr.svg"))
    await front.flying()
    read = asyncio.create_task(front.get("/sessions/shop"))
    await front.restarted()
    await front.watched()
    front.owner.subscriptions.close(SupervisorUnavailable())
    assert "session" not in await (await picture).json()
    assert (await (await read).json())["session"]["id"] == "shop"
