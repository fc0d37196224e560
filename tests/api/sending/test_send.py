"""A message that a caller sends: stored before the answer, handed over once, confirmed."""

import asyncio
from typing import Any

import pytest

from tests.api.scrape import value
from tests.api.sending.conftest import BO, Shop
from tests.support.time import until


async def test_a_message_is_stored_then_handed_to_the_connector_then_sent(shop: Shop) -> None:
    message = await shop.post(text="Hello, Bo")
    assert message["id"].startswith("3EB0")
    assert (message["status"], message["via"], message["fromMe"], message["chat"]) == (
        "queued",
        "api",
        True,
        BO,
    )
    assert message["sender"] == "15551234567@s.whatsapp.net"
    sent = await shop.becomes(message["id"], "sent")
    assert (sent["attempts"], sent["statusReason"]) == (1, None)
    assert sent["sentAt"] == sent["queuedAt"]
    [command] = shop.connector.sent()
    assert command == {
        "command": "send",
        "id": message["id"],
        "chat": BO,
        "message": {"kind": "text", "text": "Hello, Bo"},
        "typing": 0.0,
        "onDoubt": "resend",
        "again": False,
        "until": shop.front.time.clock.boot() + 86_400,
    }


async def test_a_request_that_waits_is_answered_once_the_message_is_sent(shop: Shop) -> None:
    response = await shop.front.client.post(
        "/sessions/shop/messages", json={"to": BO, "text": "Hello"}, headers={"Prefer": "wait=10"}
    )
    message = await response.json()
    assert (response.status, message["status"]) == (201, "sent")
    assert response.headers["Preference-Applied"] == "wait=10"
    assert response.headers["Location"] == f"/sessions/shop/messages/{message['id']}"


async def test_a_request_that_waits_in_vain_gets_the_message_as_it_is(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    waiting = asyncio.create_task(
        shop.front.client.post(
            "/sessions/shop/messages", json={"to": BO, "text": "Hello"}, headers={"Prefer": "wait=10"}
        )
    )
    await shop.handed(1)
    await until(lambda: shop.front.owner.subscriptions.is_awaited("shop"))
    shop.front.time.advance(11)
    response = await waiting
    assert (response.status, (await response.json())["status"]) == (201, "handed")


async def test_a_message_goes_on_without_the_client_that_waited_for_it(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    bound = await shop.front.key("bound", "messages:write", sessions=["shop"])
    limit = shop.front.whole.stream_limit
    waiting = asyncio.create_task(
        shop.front.client.post(
            "/sessions/shop/messages",
            json={"to": BO, "text": "Hello"},
            headers={"Prefer": "wait=60", **bound},
        )
    )
    await until(lambda: limit.count() == 1)
    waiting.cancel()
    await until(lambda: limit.count() == 0)

    await shop.handed(1)
    [message] = (await (await shop.front.get("/sessions/shop/messages")).json())["items"]
    assert (message["text"], message["status"]) == ("Hello", "handed")


async def test_receipts_move_a_message_forward_only_in_whatever_order_they_come(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    message = await shop.post()
    await shop.handed(1)
    for status in ("read", "sent", "delivered"):
        shop.connector.move(message["id"], BO, status)
    moved = await shop.becomes(message["id"], "read")
    assert all(moved[moment] is not None for moment in ("sentAt", "deliveredAt", "readAt"))
    shop.connector.move(message["id"], BO, "failed")
    shop.connector.receive("a mark")
    await shop.stored()
    assert (await shop.message(message["id"]))["status"] == "read"


async def test_in_a_chat_one_message_is_on_its_way_at_a_time_and_sixteen_chats_at_once(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    numbers = [f"4915112345{number:02}" for number in range(18)]
    await shop.meet(*numbers)
    for text in ("one", "two"):
        for at, number in enumerate(numbers):
            await shop.post(to=number, text=f"{text} {at}")
    sent = await shop.handed(16)
    assert [command["message"]["text"] for command in sent] == [f"one {at}" for at in range(16)]
    first = sent[0]
    shop.connector.move(first["id"], first["chat"], "sent")
    sent = await shop.handed(17)
    assert sent[16]["message"]["text"] == "one 16"
    for command in sent[1:]:
        shop.connector.move(command["id"], command["chat"], "sent")
    sent = await shop.handed(33)
    assert [command["message"]["text"] for command in sent[17:21]] == ["one 17", "two 0", "two 1", "two 2"]


async def test_a_message_for_a_chat_is_known_by_number_and_by_lid(shop: Shop) -> None:
    shop.front.whatsapp.lids["4915112345678"] = "909913313250243@lid"
    await shop.becomes((await shop.post(text="by number"))["id"], "sent")
    by_lid = await shop.post(to="909913313250243@lid", text="by LID")
    assert (by_lid["chat"], by_lid["chatLid"]) == (BO, "909913313250243@lid")
    for chat in (BO, "4915112345678", "909913313250243@lid"):
        page = await (await shop.front.get("/sessions/shop/messages", params={"chat": chat})).json()
        assert [item["text"] for item in page["items"]] == ["by number", "by LID"]


async def test_a_reply_quotes_what_the_other_side_wrote(shop: Shop) -> None:
    shop.connector.receive("Are you open?", id="3EB0AA")
    await shop.stored()
    await shop.post(text="Yes", replyTo="3EB0AA", mentions=["+49 151 12345678"])
    [command] = await shop.handed(1)
    assert command["message"] == {
        "kind": "text",
        "text": "Yes",
        "replyTo": {"id": "3EB0AA", "chat": BO, "sender": BO, "text": "Are you open?", "fromMe": False},
        "mentions": [BO],
    }


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("x" * 1_024, "x" * 1_024),
        ("x" * 1_025, "x" * 1_024),
        ("x" * 1_023 + "\N{THUMBS UP SIGN}", "x" * 1_023),
        ("\N{THUMBS UP SIGN}" * 32_768, "\N{THUMBS UP SIGN}" * 512),
    ],
)
async def test_a_reply_quotes_the_beginning_of_a_long_text(shop: Shop, text: str, quoted: str) -> None:
    shop.connector.receive(text, id="3EB0AA")
    await shop.stored()
    reply = await shop.post(text="Yes", replyTo="3EB0AA")
    [command] = await shop.handed(1)
    assert reply["replyTo"]["text"] == command["message"]["replyTo"]["text"] == quoted


async def test_what_is_sent_is_listed_among_what_came(shop: Shop) -> None:
    shop.connector.receive("Are you open?")
    await shop.stored()
    await shop.post(text="Yes")
    page = await (await shop.front.get("/sessions/shop/messages")).json()
    assert [item["text"] for item in page["items"]] == ["Are you open?", "Yes"]


async def test_a_read_of_messages_waits_for_the_next_one(shop: Shop) -> None:
    async def read(**options: Any) -> dict[str, Any]:
        response = await shop.front.get("/sessions/shop/messages", **options)
        assert response.headers["Preference-Applied"] == "wait=30"
        return dict(await response.json())

    waiting = asyncio.create_task(read(headers={"Prefer": "wait=30"}))
    await until(lambda: shop.front.owner.subscriptions.is_awaited("shop"))
    shop.connector.receive("Hello")
    assert [item["text"] for item in (await waiting)["items"]] == ["Hello"]


async def test_what_waits_is_counted_for_prometheus(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    for text in ("one", "two", "three"):
        await shop.post(text=text)
    await shop.handed(1)
    metrics = await (await shop.front.get("/metrics")).text()
    assert 'motte_outbox_messages{status="queued"} 2.0' in metrics
    assert 'motte_outbox_messages{status="handed"} 1.0' in metrics


async def test_what_became_of_messages_and_what_came_is_counted_once(shop: Shop) -> None:
    front = shop.front
    sent = await shop.post()
    await shop.becomes(sent["id"], "sent")
    for status in ("delivered", "delivered", "read"):
        shop.connector.move(sent["id"], BO, status)
    await shop.stored()
    await front.ask("stop")
    waiting = await shop.post(text="later")
    assert await value(front, "motte_outbox_messages", status="queued") == 1
    await front.client.delete(f"/sessions/shop/messages/{waiting['id']}")
    await front.ask("start")
    await front.until("connected")
    shop.connector.receive("CAME")
    await shop.stored()
    assert await value(front, "motte_messages_queued_total") == 2
    assert await value(front, "motte_messages_sent_total") == 1
    assert await value(front, "motte_messages_failed_total", reason="cancelled") == 1
    assert await value(front, "motte_message_receipts_total", status="delivered") == 1
    assert await value(front, "motte_message_receipts_total", status="read") == 1
    assert await value(front, "motte_messages_received_total", writer="others") == 1
    assert await value(front, "motte_outbox_oldest_seconds") == 0
