"""Two fronts on one state folder, each a process: one refresh between them, and one succeeds the other."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from time import perf_counter

import aiohttp
import pytest

from tests.slow.crowd import AT_ONCE, Crowd, lateness, the_one_code, told
from tests.slow.second import SecondFront
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones
from tests.support.serve import API_KEY, Serve

#: At each of the two.
READERS = 500

#: In each of which the last answer comes in time.
RUNS = 5

#: Seconds that the first code of a socket lives.
LIFETIME = 60.0

#: Seconds in which the second front takes over from the first.
SUCCESSION = 2.0


@pytest.fixture
async def second(serve: Serve, motte: Motte) -> AsyncGenerator[SecondFront]:
    async with SecondFront.beside(serve) as second:
        await second.says("visiting")
        yield second
        await serve.ctl("start", "front")  # where a test has stopped it


async def test_five_hundred_readers_at_each_of_two_fronts_cause_one_registration(
    motte: Motte, phones: Phones, second: SecondFront
) -> None:
    await motte.create()
    spans: dict[str, list[float]] = {"owner": [], "visitor": []}
    async with (
        Crowd.of(READERS, str(motte.serve.url())) as at_the_owner,
        Crowd.of(READERS, second.url) as at_the_visitor,
    ):
        for run in range(RUNS):
            await phones.drop()
            await motte.asleep()
            await asyncio.gather(at_the_owner.connect(), at_the_visitor.connect())
            owners, visitors = await asyncio.gather(at_the_owner.read(), at_the_visitor.read())
            the_one_code([*owners, *visitors])
            assert (await phones.counts())[0] == 2 + run
            spans["owner"].append(lateness(owners, lifetime=LIFETIME))
            spans["visitor"].append(lateness(visitors, lifetime=LIFETIME))
    for front, lasted in spans.items():
        sys.stdout.write(told(f"500 readers of the {front}", lasted))
        assert max(lasted) < AT_ONCE


async def test_when_the_first_front_stops_the_second_takes_over_and_connected_sessions_notice_nothing(
    motte: Motte, phones: Phones, second: SecondFront
) -> None:
    await motte.connect("paired")
    created = await motte.create()
    before = await phones.state()
    async with reading(second.url) as answers:
        begun = perf_counter()
        stopping = asyncio.create_task(motte.serve.ctl("stop", "front"))
        await second.says("owning")
        span = perf_counter() - begun
        assert (await stopping).exit == 0
    sys.stdout.write(told("succession", [span]))
    assert span < SUCCESSION
    assert set(answers) == {(200, created["qrCode"])}
    assert (await motte.look("paired"))["status"] == "connected"
    assert await phones.state() == before


async def test_when_the_second_front_stops_the_first_takes_over_again(
    serve: Serve, motte: Motte, phones: Phones
) -> None:
    await motte.connect("paired")
    created = await motte.create()
    before = await phones.state()
    async with SecondFront.beside(serve) as second:
        await motte.serve.ctl("stop", "front")
        await second.says("owning")
        await motte.serve.ctl("start", "front")
        await eventually(lambda: is_announced_by(second, serve))
    await eventually(lambda: is_announced_by_another_than(second, serve))
    assert (await motte.read())["qrCode"] == created["qrCode"]
    assert (await motte.look("paired"))["status"] == "connected"
    assert await phones.state() == before


@asynccontextmanager
async def reading(url: str) -> AsyncGenerator[list[tuple[int, str | None]]]:
    """Somebody who reads the session again and again until the block ends: each status and code."""
    answers: list[tuple[int, str | None]] = []

    async def read_on() -> None:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_KEY}"}) as caller:
            while True:
                async with caller.get(f"{url}/sessions/shop") as answer:
                    answers.append((answer.status, (await answer.json()).get("qrCode")))

    reader = asyncio.create_task(read_on())
    try:
        yield answers
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


async def is_announced_by(front: SecondFront, serve: Serve) -> bool:
    return serve.url() == front.url


async def is_announced_by_another_than(front: SecondFront, serve: Serve) -> bool:
    return serve.url() != front.url
