"""Requests that Motte refuses: nothing is stored and nothing is handed over."""

from typing import Any

import msgspec
import pytest
from yarl import URL

from server.api.resources.sending import MAX_SEND_BYTES
from tests.api.sending.conftest import BO, Shop


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed-json"),
        (b'{"to": "4915112345678", "text": "\\ud800"}', "malformed-json"),
        (b'{"to": "4915112345678", "text": "\xff"}', "malformed-json"),
        (b'{"to": "4915112345678", "text": "a\\u0000"}', "validation-failed"),
        (b'{"to": "status@broadcast", "text": "a"}', "validation-failed"),
        (b'{"to": "4915112345678"}', "validation-failed"),
        (b"[" * 5000, "validation-failed"),
        (b'{"to":' * 5000, "validation-failed"),
        (b'{"to": "4915112345678", "text": "' + b"a" * 65_537 + b'"}', "validation-failed"),
    ],
)
async def test_what_breaks_a_rule_is_refused_and_not_stored(shop: Shop, body: bytes, code: str) -> None:
    problem = await shop.refused("POST", "/messages", 400, data=body)
    assert problem["code"] == code
    page = await (await shop.front.get("/sessions/shop/messages")).json()
    assert page["items"] == []
    assert shop.connector.sent() == []


async def test_the_body_of_a_message_may_be_so_large_and_no_larger(shop: Shop) -> None:
    text = {"to": BO, "text": "\x01" * 65_536}  # six bytes each in JSON
    body = msgspec.json.encode(text)
    body += b" " * (MAX_SEND_BYTES - len(body))
    response = await shop.front.client.post("/sessions/shop/messages", data=body)
    assert response.status == 201
    [command] = await shop.handed(1)
    assert command["message"]["text"] == text["text"]
    problem = await shop.refused("POST", "/messages", 413, data=body + b" ")
    assert (problem["code"], problem["detail"]) == ("body-too-large", "the body has more than 524288 bytes")


async def test_other_bodies_stay_as_small_as_they_were(shop: Shop) -> None:
    problem = await shop.refused("POST", f"/chats/{BO}/read", 413, data=b" " * 65_537)
    assert problem["detail"] == "the body has more than 65536 bytes"


@pytest.mark.parametrize("key", ["", "a b", "a" * 256, "\u00e4"])
async def test_a_key_that_is_no_visible_text_is_refused(shop: Shop, key: str) -> None:
    headers = {"Idempotency-Key": key}
    problem = await shop.refused("POST", "/messages", 400, json={"to": BO, "text": "Hello"}, headers=headers)
    assert problem["code"] == "bad-request"
    assert "Idempotency-Key must be 1 to 255" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"text": "b"}),
        ("DELETE", "", None),
        ("PUT", "/reaction", {"emoji": "\N{THUMBS UP SIGN}"}),
        ("DELETE", "/reaction", None),
    ],
)
@pytest.mark.parametrize("message_id", ["3EB0FF", "%00", "..%2Fx", "'%20OR%201=1--", "a" * 4000])
async def test_a_message_that_is_not_there_is_not_found(
    shop: Shop, method: str, path: str, body: Any, message_id: str
) -> None:
    response = await shop.front.client.request(
        method, URL(f"/sessions/shop/messages/{message_id}{path}", encoded=True), json=body
    )
    assert response.status in (400, 404)
    assert (await response.json())["code"] in ("message-not-found", "validation-failed")


async def test_the_message_of_another_session_is_not_found(shop: Shop) -> None:
    await shop.front.create("cafe")
    cafe = shop.front.connector("cafe")
    cafe.scan()
    cafe.restart()
    await shop.front.until("connected", "cafe")
    ours = await shop.post(text="ours")
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"text": "b"}),
        ("DELETE", "", None),
        ("PUT", "/reaction", {"emoji": "\N{THUMBS UP SIGN}"}),
    ):
        response = await shop.front.client.request(
            method, f"/sessions/cafe/messages/{ours['id']}{path}", json=body
        )
        assert (response.status, (await response.json())["code"]) == (404, "message-not-found")
    response = await shop.front.client.post(
        "/sessions/cafe/messages", json={"to": BO, "text": "a", "replyTo": ours["id"]}
    )
    assert response.status == 404


async def test_what_others_wrote_is_neither_edited_nor_revoked(shop: Shop) -> None:
    shop.connector.receive("theirs", id="3EB0AA")
    await shop.stored()
    for method, body in (("PATCH", {"text": "b"}), ("DELETE", None)):
        problem = await shop.refused(method, "/messages/3EB0AA", 404, json=body)
        assert problem["code"] == "message-not-found"


async def test_several_messages_with_one_id_are_told_apart_by_chat_and_sender(shop: Shop) -> None:
    group = "120363041234567890@g.us"
    senders = [f"491511234567{number}@s.whatsapp.net" for number in range(2)]
    for sender in senders:
        shop.connector.receive(
            f"of {sender}", id="3EB0AA", chat=group, chat_lid=None, sender=sender, sender_lid=None
        )
    await shop.stored()
    problem = await shop.refused("GET", "/messages/3EB0AA", 409)
    assert problem["code"] == "ambiguous-message"
    assert problem["candidates"] == [{"id": "3EB0AA", "chat": group, "sender": one} for one in senders]
    response = await shop.front.get("/sessions/shop/messages/3EB0AA", params={"sender": senders[1]})
    assert (await response.json())["text"] == f"of {senders[1]}"
    reply = {"id": "3EB0AA", "chat": group, "sender": senders[0]}
    await shop.post(to=group, text="a reply", replyTo=reply)
    [command] = await shop.handed(1)
    assert command["message"]["replyTo"]["text"] == f"of {senders[0]}"
    problem = await shop.refused(
        "POST", "/messages", 409, json={"to": group, "text": "a reply", "replyTo": "3EB0AA"}
    )
    assert problem["code"] == "ambiguous-message"


@pytest.mark.parametrize("verb", ["stop", "logout"])
async def test_a_stopped_session_takes_messages_and_a_logged_out_one_does_not(shop: Shop, verb: str) -> None:
    await shop.front.ask(verb)
    response = await shop.front.client.post("/sessions/shop/messages", json={"to": BO, "text": "Hello"})
    if verb == "stop":
        assert response.status == 201
    else:
        assert (response.status, (await response.json())["code"]) == (409, "conflicting-state")


async def test_a_session_that_was_never_paired_takes_none(shop: Shop) -> None:
    await shop.front.create("new")
    response = await shop.front.client.post("/sessions/new/messages", json={"to": BO, "text": "Hello"})
    problem = await response.json()
    assert (response.status, problem["code"]) == (409, "conflicting-state")
    assert problem["detail"] == "cannot send while qr_waiting: no account is linked"
