"""Keys that want many starts at once: the work of one does not wait behind all work of another."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace
from functools import partial
from operator import contains

import pytest

from server.core.settings.model import Settings
from tests.api.conftest import Front, opened
from tests.api.second_front import another
from tests.api.stranger import link
from tests.support.time import TurnedTime, until

ASYNC = {"Prefer": "respond-async"}


@pytest.fixture
async def front(settings: Settings, time: TurnedTime) -> AsyncGenerator[Front]:
    """One where connectors load one after the other, each when the test lets it."""
    async with opened(replace(settings, start_concurrency=1), time) as front:
        front.whatsapp.slow = True
        yield front


@pytest.fixture
async def other(front: Front) -> dict[str, str]:
    """Headers with the key of somebody else."""
    return await front.key("other", "sessions:read", "sessions:write")


async def create_many(front: Front, session_ids: str) -> None:
    for session_id in session_ids:
        response = await front.client.post("/sessions", json={"id": session_id}, headers=ASYNC)
        assert response.status == 202
    await until(lambda: front.owner.connectors.starting() == (1, len(session_ids) - 1))


async def load(front: Front, session_ids: Iterable[str]) -> list[str]:
    """Lets these connectors load, each when its turn has come. Returns all that were started, in order."""
    for session_id in session_ids:
        await until(partial(contains, front.supervisor.connectors, session_id))
        front.connector(session_id).load()
    return list(front.supervisor.connectors)


async def waiting(front: Front, number: int) -> None:
    await until(lambda: front.owner.connectors.starting() == (1, number))


async def test_a_create_waits_for_one_session_of_another_key_however_many_that_creates(
    front: Front, other: dict[str, str]
) -> None:
    await create_many(front, "abcdef")
    creating = asyncio.create_task(front.client.post("/sessions", json={"id": "x"}, headers=other))
    await waiting(front, len("bcdefx"))
    assert (await load(front, "abx"))[:3] == ["a", "b", "x"]
    assert (await creating).status == 201
    await load(front, "cdef")


async def test_a_create_at_a_second_front_keeps_its_caller(front: Front, other: dict[str, str]) -> None:
    await create_many(front, "abcdef")
    async with another(front) as second:
        creating = asyncio.create_task(second.client.post("/sessions", json={"id": "x"}, headers=other))
        await waiting(front, len("bcdefx"))
        assert (await load(front, "abx"))[:3] == ["a", "b", "x"]
        assert (await creating).status == 201
    await load(front, "cdef")


async def test_a_read_of_a_session_that_waits_for_its_start_gives_it_the_turn_of_the_reader(
    front: Front, other: dict[str, str]
) -> None:
    await create_many(front, "abcdef")
    reading = asyncio.create_task(front.get("/sessions/f", headers=other))
    await front.flying("f")
    await until(lambda: "key other" in front.owner.connectors.callers_waiting())
    assert (await load(front, "abf"))[:3] == ["a", "b", "f"]
    assert (await reading).status == 200
    await load(front, "cde")


async def test_a_delete_of_a_session_that_waits_for_its_start_waits_for_few_others(
    front: Front, other: dict[str, str]
) -> None:
    await create_many(front, "abcdef")
    deleting = asyncio.create_task(front.client.delete("/sessions/f", headers=other))
    await until(lambda: "key other" in front.owner.connectors.callers_waiting())
    assert (await load(front, "abf"))[:3] == ["a", "b", "f"]
    assert (await deleting).status == 204
    await load(front, "cde")


async def test_all_scan_links_together_are_one_caller(front: Front, other: dict[str, str]) -> None:
    front.whatsapp.slow = False
    pages = []
    for session_id in "abcd":
        await front.create(session_id)
        pages.append(await link(front, session_id))
    front.time.advance(200)
    for session_id in "abcd":
        await front.asleep(session_id)
    front.whatsapp.slow = True
    async with front.stranger() as stranger:
        pictures = []
        for number, page in enumerate(pages):
            pictures.append(asyncio.create_task(stranger.get(f"{page}/qr.svg")))
            await waiting(front, number)
        creating = asyncio.create_task(front.client.post("/sessions", json={"id": "x"}, headers=other))
        await waiting(front, len("bcdx"))
        assert (await load(front, "abx"))[:3] == ["a", "b", "x"]
        assert (await creating).status == 201
        await load(front, "cd")
        assert [response.status for response in await asyncio.gather(*pictures)] == [200] * 4
