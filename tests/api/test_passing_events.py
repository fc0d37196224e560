"""What no log keeps: somebody types, and why there is no code."""

from typing import Any

import pytest

from server.protocol.events.chats import Typing
from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.sending.conftest import BO, Shop, linked
from tests.support.stream import following


@pytest.fixture
async def shop(front: Front) -> Shop:
    return await linked(front)


def typed(chat: str = BO, *, epoch: int = 2, is_typing: bool = True) -> Typing:
    return Typing(epoch=epoch, chat=chat, sender=BO, kind="voice", is_typing=is_typing)


async def cursor(front: Front) -> str:
    response = await front.get("/events?limit=200", headers={"Accept": "application/json"})
    return str((await response.json())["nextCursor"])


async def test_typing_reaches_streams_moves_no_cursor_and_is_in_no_log(shop: Shop) -> None:
    front = shop.front
    before = await cursor(front)
    async with (
        following(front.client, "/events") as all_sessions,
        following(front.client, "/sessions/shop/events") as one,
        following(front.client, "/events?types=message.received") as other,
    ):
        places = [await reader.placed() for reader in (all_sessions, one, other)]
        shop.connector.say(typed(epoch=shop.connector.epoch))
        for reader in (all_sessions, one):
            assert await reader.until("typing") == {
                "chat": BO,
                "sender": BO,
                "number": "4915112345678",
                "kind": "voice",
                "isTyping": True,
            }
            assert reader.envelopes[-1]["cursor"] is None
            assert reader.envelopes[-1]["sessionId"] == "shop"
        assert [all_sessions.place, one.place] == places[:2]
        assert await cursor(front) == before
        shop.connector.receive("A text")
        assert (await other.next())[0] == "message.received"


async def test_a_key_that_is_bound_to_another_session_hears_of_no_typing(shop: Shop) -> None:
    await shop.front.create("cafe")
    bound = await shop.front.key("bound", "messages:read", sessions=["cafe"])
    async with following(shop.front.client, "/events", headers=bound) as reader:
        await reader.placed()
        shop.connector.say(typed(epoch=shop.connector.epoch))
        await shop.front.client.patch("/sessions/cafe", json={"name": "The cafe"})
        assert (await reader.next())[0] == "session.status"


async def test_typing_of_an_earlier_process_is_dropped_and_costs_no_write(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[Any] = []
    write = shop.front.whole.store.database.write  # type: ignore[attr-defined]

    async def noted(fn: Any) -> Any:
        writes.append(fn)
        return await write(fn)

    async with following(shop.front.client, "/events") as reader:
        await reader.placed()
        monkeypatch.setattr(shop.front.whole.store.database, "write", noted)  # type: ignore[attr-defined]
        epoch = shop.connector.epoch
        shop.connector.say(typed("1@s.whatsapp.net", epoch=epoch - 1))
        shop.connector.say(typed("2@s.whatsapp.net", epoch=epoch))
        assert (await reader.until("typing"))["chat"] == "2@s.whatsapp.net"
        assert writes == []


async def test_why_a_session_got_no_code_reaches_the_streams_of_all_sessions(front: Front) -> None:
    reader_of_messages = await front.key("messages", "messages:read")
    async with (
        following(front.client, "/events") as reader,
        following(front.client, "/events", headers=reader_of_messages) as other,
    ):
        await reader.placed()
        await other.placed()
        front.whatsapp.refusal = Reason("version-rejected", "too old")
        assert (await front.client.post("/sessions", json={"id": "shop"})).status == 502
        problem = await reader.until("session.problem")
        assert (problem["code"], problem["status"]) == ("version-rejected", 502)
        assert problem["session"]["qrCode"] is None
        await front.client.patch("/sessions/shop", json={"name": "The shop"})
        await other.until("session.status", name="The shop")
        assert "session.problem" not in [event["type"] for event in other.envelopes]


async def test_a_stream_of_one_session_tells_of_each_problem_once(front: Front) -> None:
    front.whatsapp.refusal = Reason("version-rejected", "too old")
    await front.client.post("/sessions", json={"id": "shop"})
    async with following(front.client, "/sessions/shop/events") as reader:
        await reader.until("session.problem")
        await front.client.patch("/sessions/shop", json={"name": "The shop"})
        await reader.until("session.status", name="The shop")
        kinds = [event["type"] for event in reader.envelopes]
    assert kinds.count("session.problem") == 1


async def test_a_webhook_with_problems_needs_a_key_that_may_read_sessions(front: Front) -> None:
    key = await front.key("hooks", "webhooks", "messages:read")
    for kind, status in (("session.problem", 403), ("session.qr", 403), ("typing", 201)):
        body = {"url": "https://example.com/", "types": [kind]}
        response = await front.client.post("/webhooks", json=body, headers=key)
        assert response.status == status, await response.text()
