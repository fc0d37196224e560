"""Streams of a second front."""

from collections.abc import AsyncGenerator

import pytest

from server.api.sse_response import HEARTBEAT_SECONDS
from tests.api.conftest import Front
from tests.api.second_front import Second, another
from tests.api.test_events import SHOP, next_code
from tests.support.stream import following
from tests.support.time import until


@pytest.fixture
async def second(front: Front) -> AsyncGenerator[Second]:
    async with another(front) as second:
        yield second


async def test_the_second_front_tells_what_the_first_one_does(front: Front, second: Second) -> None:
    session = await front.create()
    async with following(second.client, "/events") as every, following(second.client, SHOP) as one:
        assert await every.until("session.status") == session
        await one.placed()
        front.connector().scan()
        for reader in (every, one):
            assert (await reader.until("session.status", status="pairing"))["qrCode"] is None
        await front.client.delete("/sessions/shop")
        for reader in (every, one):
            assert await reader.until("session.deleted") == {"id": "shop"}


async def test_the_second_front_keeps_codes_coming_for_its_readers(front: Front, second: Second) -> None:
    await front.create()
    async with following(second.client, SHOP) as reader:
        await reader.placed()
        front.time.advance(161)
        assert await next_code(reader) == (await front.read())["qrCode"]


async def test_what_happened_while_nobody_followed_the_second_front_is_told(
    front: Front, second: Second
) -> None:
    await front.create()
    async with following(second.client, "/events") as reader:
        place = await reader.placed()
    front.time.advance(HEARTBEAT_SECONDS)  # only who writes to a reader learns that it is gone
    await until(lambda: not second.whole.feed.is_followed.is_set())
    await front.ask("stop")
    async with following(second.client, "/events", headers={"Last-Event-ID": place}) as reader:
        await reader.until("session.status", status="stopped")


async def test_a_stream_of_the_second_front_goes_on_when_that_takes_over(front: Front) -> None:
    await front.create()
    async with another(front) as second, following(second.client, "/events") as reader:
        await reader.placed()
        await front.stop()
        await until(second.whole.leads.is_set)
        front.connector().scan()
        await reader.until("session.status", status="pairing")
