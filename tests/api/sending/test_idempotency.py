"""A request that comes twice with one key makes one message."""

import asyncio
from typing import Any

from tests.api.second_front import another
from tests.api.sending.conftest import BO, Shop
from tests.support.time import until

KEY = {"Idempotency-Key": "order-4711"}


async def test_the_same_request_again_returns_the_message_as_it_is_now(shop: Shop) -> None:
    body = {"to": BO, "text": "Hello"}
    first = await shop.front.client.post("/sessions/shop/messages", json=body, headers=KEY)
    message = await first.json()
    await shop.becomes(message["id"], "sent")
    again = await shop.front.client.post(
        "/sessions/shop/messages", data='{ "text": "Hello", "to": "' + BO + '" }', headers=KEY
    )
    repeated = await again.json()
    assert (first.status, again.status) == (201, 200)
    assert (repeated["id"], repeated["status"]) == (message["id"], "sent")
    assert again.headers["Location"] == first.headers["Location"]
    assert len(shop.connector.sent()) == 1


async def test_another_body_with_the_same_key_is_refused(shop: Shop) -> None:
    await shop.front.client.post("/sessions/shop/messages", json={"to": BO, "text": "a"}, headers=KEY)
    problem = await shop.refused("POST", "/messages", 422, json={"to": BO, "text": "b"}, headers=KEY)
    assert problem["code"] == "idempotency-key-reused"


async def test_a_key_belongs_to_its_session(shop: Shop) -> None:
    await shop.front.pair("cafe")
    ids = set()
    for session_id in ("shop", "cafe"):
        response = await shop.front.client.post(
            f"/sessions/{session_id}/messages", json={"to": BO, "text": "a"}, headers=KEY
        )
        assert response.status == 201
        ids.add((await response.json())["id"])
    assert len(ids) == 2


async def test_a_key_of_a_refused_request_is_free(shop: Shop) -> None:
    await shop.refused("POST", "/messages", 404, json={"to": BO, "text": "a", "replyTo": "x"}, headers=KEY)
    response = await shop.front.client.post(
        "/sessions/shop/messages", json={"to": BO, "text": "a"}, headers=KEY
    )
    assert response.status == 201


async def test_an_edit_a_revoke_and_a_reaction_take_keys_too(shop: Shop) -> None:
    message = await shop.post()
    await shop.becomes(message["id"], "sent")
    path = f"/sessions/shop/messages/{message['id']}"
    for method, of, body in (
        ("PATCH", "", {"text": "b"}),
        ("PUT", "/reaction", {"emoji": "\N{THUMBS UP SIGN}"}),
        ("DELETE", "/reaction", None),
        ("DELETE", "", None),
    ):
        headers = {"Idempotency-Key": f"{method}{of}"}
        answers = [
            await shop.front.client.request(method, path + of, json=body, headers=headers) for _ in range(2)
        ]
        assert [answer.status for answer in answers] == [202, 200]
        ids = {(await answer.json())["id"] for answer in answers}
        assert len(ids) == 1
    assert len(await shop.handed(5)) == 5


async def test_a_thousand_requests_at_once_with_a_hundred_keys_make_a_hundred_messages(shop: Shop) -> None:
    """The half of them at a second front, which has no pipes."""
    await shop.meet(*(f"49151123456{number:02}" for number in range(20)))
    async with another(shop.front) as second:

        async def send(number: int) -> tuple[int, str]:
            client = (shop.front.client, second.client)[number % 2]
            response = await client.post(
                "/sessions/shop/messages",
                json={"to": f"49151123456{number % 20:02}", "text": f"text {number % 100}"},
                headers={"Idempotency-Key": f"key {number % 100}".replace(" ", "-")},
            )
            return response.status, (await response.json())["id"]

        answers = await asyncio.gather(*(send(number) for number in range(1000)))
    statuses = [status for status, _ in answers]
    assert (statuses.count(201), statuses.count(200)) == (100, 900)
    assert len({message_id for _, message_id in answers}) == 100
    sent = await shop.handed(100)
    assert len({command["id"] for command in sent}) == len(sent) == 100
    assert {command["id"] for command in sent} == {message_id for _, message_id in answers}


async def test_a_key_is_kept_for_a_day_after_its_message_ended(shop: Shop) -> None:
    body: dict[str, Any] = {"to": BO, "text": "Hello"}
    first = await shop.front.client.post("/sessions/shop/messages", json=body, headers=KEY)
    await shop.becomes((await first.json())["id"], "sent")
    outbox, wall = shop.front.whole.store.outbox, shop.front.time.clock.wall
    day = 86_400_000
    await outbox.forget_keys(wall() - day)
    last = {**KEY, "Connection": "close"}  # the front closes idle connections within the day
    again = await shop.front.client.post("/sessions/shop/messages", json=body, headers=last)
    assert again.status == 200
    shop.front.time.advance(day / 1000 + 1)
    await outbox.forget_keys(wall() - day)
    again = await shop.front.client.post("/sessions/shop/messages", json=body, headers=KEY)
    assert again.status == 201


async def test_the_key_of_a_message_that_waits_is_kept(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    body: dict[str, Any] = {"to": BO, "text": "Hello"}
    await shop.front.client.post("/sessions/shop/messages", json=body, headers=KEY)
    await shop.handed(1)
    await shop.front.whole.store.outbox.forget_keys(2**62)
    again = await shop.front.client.post("/sessions/shop/messages", json=body, headers=KEY)
    assert again.status == 200


async def test_a_key_whose_message_is_gone_sends_no_second_one(shop: Shop) -> None:
    body: dict[str, Any] = {"to": BO, "text": "Hello"}
    first = await shop.front.client.post("/sessions/shop/messages", json=body, headers=KEY)
    await shop.becomes((await first.json())["id"], "sent")
    await shop.front.whole.store.messages.forget(2**62)
    problem = await shop.refused("POST", "/messages", 404, json=body, headers=KEY)
    assert problem["code"] == "message-not-found"
    await until(lambda: len(shop.connector.sent()) == 1)


async def test_a_request_about_the_message_of_another_chat_or_sender_is_another_one(shop: Shop) -> None:
    for number in ("4915112345678", "4915187654321"):
        address = f"{number}@s.whatsapp.net"
        shop.connector.receive(
            number, id="3EB0AA", chat=address, sender=address, chat_lid=None, sender_lid=None
        )
    await shop.stored()
    path, body = "/messages/3EB0AA/reaction", {"emoji": "\N{THUMBS UP SIGN}"}
    statuses = []
    for chat in (BO, "+49 151 12345678"):  # one chat
        response = await shop.front.client.put(
            f"/sessions/shop{path}", params={"chat": chat}, json=body, headers=KEY
        )
        statuses.append(response.status)
    assert statuses == [202, 200]
    for query in ("?chat=4915187654321", f"?chat={BO}&sender={BO}"):
        problem = await shop.refused("PUT", path + query, 422, json=body, headers=KEY)
        assert problem["code"] == "idempotency-key-reused"


async def test_a_cancellation_has_its_key_as_any_other_request(shop: Shop) -> None:
    await shop.front.ask("stop")
    first, second, third = [await shop.post(text=text) for text in ("one", "two", "three")]
    for _ in range(2):
        response = await shop.front.client.delete(f"/sessions/shop/messages/{first['id']}", headers=KEY)
        cancelled = await response.json()
        assert (response.status, cancelled["id"], cancelled["status"]) == (200, first["id"], "failed")
    problem = await shop.refused("DELETE", f"/messages/{second['id']}", 422, headers=KEY)
    assert problem["code"] == "idempotency-key-reused"
    assert (await shop.message(second["id"]))["status"] == "queued"
    await shop.front.whole.store.outbox.forget_keys(2**62)
    response = await shop.front.client.delete(f"/sessions/shop/messages/{third['id']}", headers=KEY)
    assert (response.status, (await response.json())["id"]) == (200, third["id"])


async def test_the_key_of_a_send_cancels_nothing(shop: Shop) -> None:
    await shop.front.ask("stop")
    body = {"to": BO, "text": "Hello"}
    sent = await shop.front.client.post("/sessions/shop/messages", json=body, headers=KEY)
    message_id = (await sent.json())["id"]
    await shop.refused("DELETE", f"/messages/{message_id}", 422, headers=KEY)
    assert (await shop.message(message_id))["status"] == "queued"
