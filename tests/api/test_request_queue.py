"""What a second front answers while the leader does not work on its requests."""

import asyncio
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, closing

import pytest

from server.cluster.follower import Follower
from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from store.records.sessions import Session, Status
from tests.api.conftest import Front, opened
from tests.support.time import PATIENCE, TurnedTime


@pytest.fixture
def idle_owner(settings: Settings) -> Generator[ExitStack]:
    """Holds the lock and does nothing; once it is closed it is gone."""
    with ExitStack() as stack:
        assert stack.enter_context(closing(LeaderLock(StateFolder(settings.state)))).take()
        yield stack


@pytest.fixture
async def second(settings: Settings, time: TurnedTime, idle_owner: ExitStack) -> AsyncGenerator[Front]:
    """The front beside it, whose store has a session that never had a code."""
    async with opened(settings, time) as front:
        assert isinstance(front.whole.service, Follower)
        now = time.clock.wall()
        await front.whole.store.sessions.add(
            Session(id="shop", status=Status.STARTING, created_at=now, updated_at=now)
        )
        yield front


async def test_a_read_has_one_time_out_however_often_its_code_dies_on_the_way(second: Front) -> None:
    reading = asyncio.create_task(second.get("/sessions/shop"))
    first = await queued(second)
    second.time.advance(14)
    await second.whole.store.requests.answer(first, "{}")
    await queued(second, other_than=first)
    second.time.advance(2.1)
    async with asyncio.timeout(5):
        response = await reading
    assert (response.status, (await response.json())["code"]) == (504, "qr-timeout")


async def test_a_create_of_an_id_that_is_taken_is_a_conflict_though_the_owner_dies_over_it(
    second: Front, idle_owner: ExitStack
) -> None:
    creating = asyncio.create_task(second.client.post("/sessions", json={"id": "shop"}))
    asked = asyncio.create_task(queued(second))
    await asyncio.wait({creating, asked}, return_when=FIRST_COMPLETED)
    asked.cancel()
    idle_owner.close()
    response = await creating
    assert (response.status, (await response.json())["code"]) == (409, "session-exists")
    assert response.headers["Location"] == "/sessions/shop"


async def queued(front: Front, *, other_than: int | None = None) -> int:
    """The number of a queued request that a caller waits for, once one exists."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for queued in await front.whole.store.requests.open(front.time.clock.boot()):
                if queued.id != other_than:
                    return queued.id


@pytest.mark.parametrize(
    ("method", "path", "seconds"),
    [
        ("DELETE", "/sessions/shop", 20),
        ("PATCH", "/sessions/shop", 20),
        ("POST", "/sessions/shop/stop", 20),
        ("POST", "/sessions/shop/logout", 20),
        ("POST", "/sessions/shop/start", 30),
        ("POST", "/sessions/shop/restart", 30),
        ("POST", "/sessions", 30),
        ("GET", "/sessions/shop", 15),
    ],
)
async def test_a_leader_that_does_not_respond_is_what_the_error_says(
    second: Front, method: str, path: str, seconds: float
) -> None:
    asking = asyncio.create_task(second.client.request(method, path))
    await queued(second)
    response = await second.time.advance_until(asking, seconds + 1.1)
    document = await response.json()
    assert (response.status, document["code"]) == (503, "leader-unavailable")
    assert document["retryable"] is True
    assert "Retry-After" in response.headers
    assert document.get("session", {"id": "shop"})["id"] == "shop"
