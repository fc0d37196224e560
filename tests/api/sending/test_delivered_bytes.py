"""What a webhook gets of messages: each event as it was, whatever became of the message or the session."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from server.core.settings.model import Settings
from tests.api.conftest import AT_ONCE
from tests.api.sending.conftest import BO, Shop
from tests.support.consumer import Consumer, Delivery, consumer, status
from tests.support.eventually import eventually


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        state=tmp_path,
        start_concurrency=AT_ONCE,
        min_free_memory=0,
        send_rate=0,
        new_chat_rate=0,
        allow_private_webhooks=True,
    )


@pytest.fixture
async def good() -> AsyncGenerator[Consumer]:
    async with consumer() as found:
        yield found


async def webhook(shop: Shop, url: str) -> str:
    response = await shop.front.client.post("/webhooks", json={"url": url})
    assert response.status == 201, await response.text()
    return str((await response.json())["id"])


async def test_a_replay_brings_the_same_bytes_though_the_messages_have_changed_since(
    shop: Shop, good: Consumer
) -> None:
    made = await webhook(shop, good.url)
    beginning = (await log(shop))["nextCursor"]
    shop.front.whatsapp.takes_messages = False
    message = await shop.post()
    await shop.becomes(message["id"], "handed")
    await good.until(2)
    shop.connector.move(message["id"], BO, "read", attempts=2, chat_lid="909913313250243@lid")
    shop.connector.receive("Hello", chat_lid="909913313250243@lid")
    await shop.stored()
    assert (await shop.front.client.post(f"/sessions/shop/chats/{BO}/read")).status == 202
    assert (await shop.message(message["id"]))["attempts"] == 2
    ids = [one["id"] for one in (await log(shop, after=beginning))["items"]]
    await good.until(len(ids))
    response = await shop.front.client.post(f"/webhooks/{made}/replay", json={"after": beginning})
    assert response.status == 202
    bodies = [(one.id, one.body) for one in await good.until(2 * len(ids))]
    assert bodies[: len(ids)] == bodies[len(ids) :]
    assert [event_id for event_id, _ in bodies] == ids * 2


async def log(shop: Shop, **params: str) -> dict[str, Any]:
    """A page of all events."""
    headers = {"Accept": "application/json"}
    response = await shop.front.get("/events", params={"limit": "200", **params}, headers=headers)
    return dict(await response.json())


async def test_a_session_that_is_deleted_during_a_delivery_has_all_its_events_delivered_and_sends_nothing(
    shop: Shop, good: Consumer
) -> None:
    release = asyncio.Event()

    async def wait(delivery: Delivery) -> web.StreamResponse:
        await release.wait()
        return await status(204)(delivery)

    good.answer = wait
    await webhook(shop, good.url)
    shop.front.whatsapp.takes_messages = False
    for text in ("one", "two", "three"):
        await shop.post(text=text)
    await good.until(1)
    await shop.handed(1)
    connector = shop.connector
    assert (await shop.front.client.delete("/sessions/shop")).status == 204
    release.set()

    async def has_ended() -> bool:
        return bool(good.got[-1].event["type"] == "session.deleted")

    await eventually(has_ended)
    queued = [one.event["data"]["text"] for one in good.got if one.event["data"].get("status") == "queued"]
    assert queued == ["one", "two", "three"]
    assert len({one.id for one in good.got}) == len(good.got)
    assert [one["message"]["text"] for one in connector.sent()] == ["one"]
