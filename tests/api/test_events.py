"""Streams of what happens to sessions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from server.api.sse_response import HEARTBEAT_SECONDS, EventStream
from server.auth.key_texts import digest
from store.records.reason import Reason
from tests.api.conftest import READ_KEY, Front
from tests.support.stream import Reader, following

SHOP = "/sessions/shop/events"


async def test_a_stream_begins_with_how_the_session_stands(front: Front) -> None:
    session = await front.create()
    async with following(front.client, SHOP) as reader:
        assert await reader.next() == ("session.status", session)


async def test_a_stream_is_kept_by_no_cache_and_no_proxy(front: Front) -> None:
    await front.create()
    async with following(front.client, SHOP) as reader:
        assert reader.response.headers["Cache-Control"] == "no-store"
        assert reader.response.headers["X-Accel-Buffering"] == "no"


async def test_each_new_code_is_told_with_its_session(front: Front) -> None:
    session = await front.create()
    async with following(front.client, SHOP) as reader:
        await reader.placed()
        front.time.advance(60)
        event, document = await reader.next()
        assert event == "session.qr"
        assert document["qrCode"] not in (None, session["qrCode"])
        assert document == await front.read()


async def test_a_code_dies_before_the_eyes_of_its_readers_when_its_connector_is_killed(front: Front) -> None:
    session = await front.create()
    async with following(front.client, "/events") as reader:
        await reader.placed()
        front.supervisor.crash("shop")
        for kind in ("session.status", "session.qr"):
            event, document = await reader.next()
            assert event == kind
            assert document.pop("statusReason")["code"] == "connector-crashed"
            assert {**document, "statusReason": None} == {**session, "qrCode": None, "qrExpiresAt": None}


async def test_a_pairing_is_told_from_the_scan_to_the_open_link(front: Front) -> None:
    await front.create()
    async with following(front.client, SHOP) as reader:
        await reader.placed()
        front.connector().scan()
        assert (await reader.until("session.status"))["status"] == "pairing"
        front.connector().restart()
        connected = await reader.until("session.status", status="connected")
        assert (connected["phoneNumber"], connected["qrCode"]) == ("15551234567", None)


async def test_who_follows_a_session_keeps_its_codes_coming(front: Front) -> None:
    first = await front.create()
    async with following(front.client, SHOP) as reader:
        await reader.placed()
        front.time.advance(161)
        assert await next_code(reader) != first["qrCode"]
        assert front.whatsapp.registrations == 2


async def next_code(reader: Reader) -> str:
    """The next code; before it the end of the last one may be told."""
    while (code := (await reader.until("session.qr"))["qrCode"]) is None:
        pass
    return str(code)


async def test_who_follows_all_sessions_wakes_none(front: Front) -> None:
    await front.create()
    async with following(front.client, "/events") as reader:
        await reader.placed()
        front.time.advance(161)
        await front.asleep()
        front.time.advance(60)
        await reader.beaten()
    assert front.whatsapp.registrations == 1


async def test_a_stream_of_all_sessions_says_that_it_begins_again_and_how_each_stands(front: Front) -> None:
    sessions = [await front.create("cafe"), await front.create("shop")]
    async with following(front.client, "/events") as reader:
        assert await reader.next() == ("stream.reset", {})
        assert await reader.next() == ("session.status", sessions[0])
        assert await reader.next() == ("session.status", sessions[1])


async def test_a_session_that_is_made_is_told_from_its_first_moment(front: Front) -> None:
    async with following(front.client, "/events") as reader:
        await reader.placed()
        session = await front.create()
        assert (await reader.next())[1]["status"] == "starting"
        assert (await reader.next())[1]["status"] == "qr_waiting"
        assert await reader.next() == ("session.qr", session)


async def test_a_delete_is_told_and_ends_the_stream_of_that_session_alone(front: Front) -> None:
    await front.create()
    async with following(front.client, "/events") as every, following(front.client, SHOP) as one:
        await every.placed()
        await one.placed()
        await front.client.delete("/sessions/shop")
        for reader in (every, one):
            assert await reader.until("session.deleted") == {"id": "shop"}
        assert await one.ended()
        await front.create("cafe")
        assert (await every.next())[1]["id"] == "cafe"
    assert (await front.get(SHOP)).status == 404


async def test_a_stream_whose_session_is_deleted_while_it_opens_says_so_and_ends(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    monkeypatch.setattr(EventStream, "open", deleting(front))
    async with following(front.client, SHOP) as reader:
        assert await reader.next() == ("session.deleted", {"id": "shop"})
        assert await reader.ended()


def deleting(front: Front) -> Callable[..., Awaitable[EventStream]]:
    """EventStream.open, and the session is deleted right before."""
    opening = EventStream.open

    async def open_late(request: web.Request, **options: Any) -> EventStream:
        await front.client.delete("/sessions/shop")
        return await opening(request, **options)

    return open_late


async def test_why_there_is_no_code_is_told_and_the_next_code_once_it_comes(front: Front) -> None:
    await front.create()
    front.whatsapp.refusal = Reason("whatsapp-unreachable", "refused")
    async with following(front.client, SHOP) as reader:
        await reader.placed()
        front.time.advance(161)
        problem = await reader.until("session.problem")
        assert (problem["code"], problem["retryable"]) == ("whatsapp-unreachable", True)
        front.whatsapp.refusal = None
        front.time.advance(6)
        await next_code(reader)


async def test_a_stream_shows_every_fifteen_seconds_that_it_lives(front: Front) -> None:
    async with following(front.client, "/events") as reader:
        await reader.placed()
        for _ in range(2):
            front.time.advance(HEARTBEAT_SECONDS)
            await reader.beaten()
        assert reader.beats == 2


async def test_a_key_that_is_revoked_loses_its_streams(front: Front) -> None:
    async with front.stranger() as stranger:
        response = await stranger.get("events", headers={"Authorization": f"Bearer {READ_KEY}"})
        assert response.status == 200
        await front.whole.store.keys.delete("reader")
        front.time.advance(HEARTBEAT_SECONDS)
        async with asyncio.timeout(5):
            await response.content.read()


async def test_a_key_that_is_bound_to_a_session_is_told_of_no_other(front: Front) -> None:
    await front.create("cafe")
    await front.create("shop")
    now = front.time.clock.wall()
    keys = front.whole.store.keys
    await keys.add("bound", digest("motte_bound"), ["sessions:read"], now, sessions=["shop"])
    headers = {"Authorization": "Bearer motte_bound"}
    async with following(front.client, "/events", headers=headers) as reader:
        assert await reader.next() == ("stream.reset", {})
        assert (await reader.next())[1]["id"] == "shop"
        await front.ask("stop", "cafe")
        await front.ask("stop", "shop")
        document = await reader.until("session.status")
        assert (document["id"], document["status"], document["qrCode"]) == ("shop", "stopped", None)
        await front.client.delete("/sessions/cafe")
        await front.client.delete("/sessions/shop")
        assert await reader.until("session.deleted") == {"id": "shop"}
        assert {envelope["sessionId"] for envelope in reader.envelopes} == {None, "shop"}
    assert (await front.get("/sessions/cafe/events", headers=headers)).status == 404


async def test_streams_end_with_the_news_that_the_front_stops(front: Front) -> None:
    await front.create()
    async with following(front.client, "/events") as every, following(front.client, SHOP) as one:
        await every.placed()
        await one.placed()
        await front.whole.stop_waiting()
        for reader in (every, one):
            assert await reader.next() == ("stream.stopped", {})
            assert await reader.ended()


async def test_a_stream_needs_a_key_and_a_session_that_exists(front: Front) -> None:
    async with front.stranger() as stranger:
        for path in ("events", "sessions/shop/events"):
            assert (await stranger.get(path)).status == 401
    response = await front.get(SHOP)
    assert (response.status, (await response.json())["code"]) == (404, "session-not-found")


async def test_the_head_of_a_stream_ends(front: Front) -> None:
    await front.create()
    for path in ("/events", SHOP):
        response = await front.client.head(path)
        assert (response.status, response.content_type) == (200, "text/event-stream")
