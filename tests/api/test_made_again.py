"""A session that is made again under the id of a deleted one is another session, perhaps of somebody else."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.api.conftest import Front
from tests.api.received import acknowledged, connected
from tests.api.test_event_pages import JSON, SHOP, kinds, page
from tests.support.stream import following


async def deleted(front: Front) -> str:
    """A session has got a message, and is deleted. Returns a cursor from before the message."""
    connector = await connected(front)
    begin = (await page(front))["nextCursor"]
    connector.receive("a secret of the first")
    await acknowledged(connector)
    assert (await front.client.delete("/sessions/shop")).status == 204
    return str(begin)


async def made_again(front: Front) -> str:
    """The same, and another session has the id now."""
    begin = await deleted(front)
    await front.create()
    return begin


def texts(found: dict[str, Any]) -> list[str]:
    return [item["data"]["text"] for item in found["items"] if item["type"] == "message.received"]


@pytest.mark.parametrize("path", ["/events", SHOP])
async def test_a_bound_key_that_came_later_reads_nothing_of_the_first(front: Front, path: str) -> None:
    begin = await deleted(front)
    early = await front.key("early", "messages:read", sessions=["shop"])
    assert kinds(await page(front, headers=early)) == []
    await front.create()
    late = await front.key("late", "messages:read", sessions=["shop"])
    for headers in (early, late):
        for params in ({}, {"after": begin}):
            assert kinds(await page(front, path, headers=headers, **params)) == ["starting", "qr_waiting"]


@pytest.mark.parametrize("is_in_memory", [True, False])
async def test_a_stream_of_such_a_key_goes_on_with_the_second(front: Front, is_in_memory: bool) -> None:
    async with AsyncExitStack() as stack:
        if is_in_memory:  # The front keeps what it has read for another stream.
            other = await stack.enter_async_context(following(front.client, "/events"))
            await other.placed()
        begin = await made_again(front)
        if is_in_memory:
            await other.until("session.deleted")
            await other.until("session.status", status="qr_waiting")
        headers = await front.key("late", "messages:read", sessions=["shop"])
        headers["Last-Event-ID"] = begin
        reader = await stack.enter_async_context(following(front.client, "/events", headers=headers))
        await reader.until("session.status", status="qr_waiting")
    logged = [envelope for envelope in reader.envelopes if "cursor" in envelope]
    assert kinds({"items": logged}) == ["starting", "qr_waiting"]


async def test_a_key_that_was_there_reads_the_first_to_its_end(front: Front) -> None:
    headers = await front.key("tenant", "messages:read", sessions=["shop"])
    begin = await made_again(front)
    for params in ({}, {"after": begin}):
        found = await page(front, headers=headers, **params)
        assert texts(found) == ["a secret of the first"]
        assert kinds(found)[-3:] == ["session.deleted", "starting", "qr_waiting"]


async def test_the_events_of_a_session_begin_with_it_and_a_cursor_of_the_first_goes_on(front: Front) -> None:
    begin = await made_again(front)
    assert kinds(await page(front, SHOP)) == ["starting", "qr_waiting"]
    found = await page(front, SHOP, after=begin)
    assert (texts(found), kinds(found)[-3]) == (["a secret of the first"], "session.deleted")
    assert texts(await page(front)) == ["a secret of the first"]


async def test_nothing_of_the_first_is_found_under_its_id(front: Front) -> None:
    await made_again(front)
    response = await front.client.get("/sessions/shop/messages/a secret of the first", headers=JSON)
    assert (response.status, (await response.json())["code"]) == (404, "message-not-found")
