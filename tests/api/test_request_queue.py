"""What callers of a second front are told while the owner of the pipes leaves its errands undone."""

import asyncio
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, closing

import pytest

from server.cluster.follower import Visitor
from server.cluster.leader_lock import Ownership
from server.core.paths import StateFolder
from server.core.settings import Settings
from store.records import Session, Status
from store.sqlite.request_queue import Errands
from tests.api.conftest import Front, opened
from tests.support.time import PATIENCE, TurnedTime


@pytest.fixture
def idle_owner(settings: Settings) -> Generator[ExitStack]:
    """Holds the lock and does nothing; once it is closed it is gone."""
    with ExitStack() as stack:
        assert stack.enter_context(closing(Ownership(StateFolder(settings.state)))).take()
        yield stack


@pytest.fixture
async def second(settings: Settings, time: TurnedTime, idle_owner: ExitStack) -> AsyncGenerator[Front]:
    """The front beside it, in whose record is a session that never had a code."""
    async with opened(settings, time) as front:
        assert isinstance(front.whole.desk, Visitor)
        now = time.clock.wall()
        await front.whole.record.add(
            Session(id="shop", status=Status.STARTING, created_at=now, updated_at=now)
        )
        yield front


async def test_a_read_has_one_time_out_however_often_its_code_dies_on_the_way(second: Front) -> None:
    reading = asyncio.create_task(second.get("/sessions/shop"))
    first = await errand(second)
    second.time.advance(14)
    await Errands(second.whole.database).answer(first, "{}")
    await errand(second, other_than=first)
    second.time.advance(2.1)
    async with asyncio.timeout(5):
        response = await reading
    assert (response.status, (await response.json())["code"]) == (504, "qr-timeout")


async def test_a_create_of_an_id_that_is_taken_is_a_conflict_though_the_owner_dies_over_it(
    second: Front, idle_owner: ExitStack
) -> None:
    creating = asyncio.create_task(second.client.post("/sessions", json={"id": "shop"}))
    asked = asyncio.create_task(errand(second))
    await asyncio.wait({creating, asked}, return_when=FIRST_COMPLETED)
    asked.cancel()
    idle_owner.close()
    response = await creating
    assert (response.status, (await response.json())["code"]) == (409, "session-exists")
    assert response.headers["Location"] == "/sessions/shop"


async def errand(front: Front, *, other_than: int | None = None) -> int:
    """The number of an errand that somebody waits for, once there is one."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for errand in await Errands(front.whole.database).open(front.time.clock.boot()):
                if errand.id != other_than:
                    return errand.id
