"""Clients that disconnect while a request holds a place for them among the streams and waits of a key."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from aiohttp import ClientResponse

from server.api import event_sending
from tests.api.conftest import Front
from tests.support.event_readers import JSON
from tests.support.time import until


async def leave(front: Front, request: Coroutine[Any, Any, ClientResponse]) -> None:
    """Begins a request of a bound key, and disconnects. No clock is turned: it may wait for a minute."""
    limit = front.whole.stream_limit
    waiting = asyncio.create_task(request)
    await until(lambda: limit.count() == 1)
    waiting.cancel()
    await until(lambda: limit.count() == 0)


async def test_a_wait_releases_its_place_as_soon_as_its_client_is_gone(front: Front) -> None:
    await front.create()
    bound = await front.key("bound", "sessions:read", sessions=["shop"])
    tag = (await front.get("/sessions/shop", headers=bound)).headers["ETag"]
    cursor = (await (await front.get("/events", headers={**JSON, **bound})).json())["nextCursor"]
    waits = {"Prefer": "wait=60", **bound}

    await leave(front, front.get("/sessions/shop/messages", headers=waits))
    await leave(front, front.get("/events", headers={**waits, **JSON}, params={"after": cursor}))
    await leave(front, front.get("/sessions/shop", headers={**waits, "If-None-Match": tag}))

    assert not front.owner.subscriptions.is_awaited("shop"), "nobody keeps its codes fresh"


async def test_a_stream_releases_its_place_before_anything_is_written_to_it(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_sending, "HEARTBEAT_SECONDS", 10**6)
    await front.create()
    stream = await front.get("/sessions/shop/events")
    await stream.content.readuntil(b"\nid: ")
    assert front.whole.stream_limit.count() == 1

    stream.close()

    await until(lambda: front.whole.stream_limit.count() == 0)
