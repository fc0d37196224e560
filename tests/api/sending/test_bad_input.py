"""Requests that Motte refuses: nothing is stored and nothing is handed over."""

from typing import Any

import msgspec
import pytest
from yarl import URL

from server.api.resources.sending import MAX_SEND_BYTES
from server.domain.recipients import RULE
from tests.api.sending.conftest import BO, Shop
from tests.server.domain.test_recipients import WRONG


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


async def test_each_of_200_kinds_of_wrong_recipients_is_refused_with_the_rule(shop: Shop) -> None:
    for text in WRONG:
        problem = await shop.refused("POST", "/messages", 400, json={"to": text, "text": "a"})
        [error] = problem["errors"]
        assert (problem["code"], error["pointer"]) == ("validation-failed", "/to"), text
        assert RULE in error["detail"], text
    assert shop.connector.sent() == []


@pytest.mark.parametrize(
    ("to", "chat"),
    [
        ("+49 (0)151 12345678", BO),
        ("4915112345678@c.us", BO),
        (BO, BO),
        ("909913313250243@lid", "909913313250243@lid"),
        ("120363041234567890@g.us", "120363041234567890@g.us"),
        ("4915112345678-1400000000@g.us", "4915112345678-1400000000@g.us"),
    ],
)
async def test_each_form_of_a_recipient_is_sent_to(shop: Shop, to: str, chat: str) -> None:
    assert (await shop.post(to=to))["chat"] == chat
    [command] = await shop.handed(1)
    assert command["chat"] == chat


#: Where a request takes a text, as JSON with a gap for it.
PLACES = [
    ("POST", "/messages", '{"to": "%s", "text": "a"}', "/to"),
    ("POST", "/messages", '{"to": "4915112345678", "text": "a%s"}', "/text"),
    ("POST", "/messages", '{"to": "4915112345678", "text": "a", "replyTo": "%s"}', "/replyTo"),
    ("POST", "/messages", '{"to": "4915112345678", "text": "a", "replyTo": {"id": "%s"}}', "/replyTo/id"),
    ("POST", "/messages", '{"to": "4915112345678", "text": "a", "mentions": ["%s"]}', "/mentions/0"),
    (
        "POST",
        "/messages",
        '{"to": "4915112345678", "location": {"latitude": 1, "longitude": 2, "name": "%s"}}',
        "/location/name",
    ),
    (
        "POST",
        "/messages",
        '{"to": "4915112345678", "location": {"latitude": 1, "longitude": 2, "address": "%s"}}',
        "/location/address",
    ),
    (
        "POST",
        "/messages",
        '{"to": "4915112345678", "contact": {"name": "a%s", "phoneNumbers": ["4915112345678"]}}',
        "/contact/name",
    ),
    (
        "POST",
        "/messages",
        '{"to": "4915112345678", "contact": {"name": "a", "vcard": "BEGIN:VCARD%s"}}',
        "/contact/vcard",
    ),
    (
        "POST",
        "/messages",
        '{"to": "4915112345678", "contact": {"name": "a", "phoneNumbers": ["%s"]}}',
        "/contact/phoneNumbers/0",
    ),
    ("PATCH", "/messages/%s", '{"text": "a%s"}', "/text"),
    ("PUT", "/messages/%s/reaction", '{"emoji": "%s"}', "/emoji"),
    ("POST", "/chats/4915112345678/read", '{"upTo": "%s"}', "/upTo"),
]


@pytest.mark.parametrize(("method", "path", "body", "pointer"), PLACES)
async def test_no_text_of_a_request_has_a_nul_or_half_a_character(
    shop: Shop, method: str, path: str, body: str, pointer: str
) -> None:
    ours = await shop.post()
    path = path % ours["id"] if "%s" in path else path
    problem = await shop.refused(method, path, 400, data=body % "\\u0000")
    assert problem["code"] == "validation-failed"
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    for half in ("\\ud800", "\\udc00", "\\udc00\\ud800", "\ud800"):
        problem = await shop.refused(method, path, 400, data=(body % half).encode("utf-8", "surrogatepass"))
        assert problem["code"] == "malformed-json"
    await shop.becomes(ours["id"], "sent")
    assert len(shop.connector.sent()) == 1


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
        ("DELETE", "/reaction", None),
    ):
        response = await shop.front.client.request(
            method, f"/sessions/cafe/messages/{ours['id']}{path}", json=body
        )
        assert (response.status, (await response.json())["code"]) == (404, "message-not-found")
    response = await shop.front.client.post(
        "/sessions/cafe/messages", json={"to": BO, "text": "a", "replyTo": ours["id"]}
    )
    assert (response.status, (await response.json())["code"]) == (404, "message-not-found")
    response = await shop.front.client.post(f"/sessions/cafe/chats/{BO}/read", json={"upTo": ours["id"]})
    assert (response.status, (await response.json())["code"]) == (404, "message-not-found")
    assert cafe.sent() == []


async def test_what_others_wrote_is_neither_edited_nor_revoked(shop: Shop) -> None:
    shop.connector.receive("theirs", id="3EB0AA")
    await shop.stored()
    for method, body in (("PATCH", {"text": "b"}), ("DELETE", None)):
        for query in ("", f"?chat={BO}", f"?chat={BO}&sender={BO}"):
            problem = await shop.refused(method, f"/messages/3EB0AA{query}", 404, json=body)
            assert problem["code"] == "message-not-found"
            assert problem["detail"] == (
                "others wrote the message 3EB0AA: the account can change its own alone"
            )
    assert shop.connector.sent() == []


async def test_an_id_of_ours_that_somebody_else_uses_too_edits_ours(shop: Shop) -> None:
    ours = await shop.post(text="ours")
    await shop.becomes(ours["id"], "sent")
    shop.connector.receive("theirs", id=ours["id"])
    await shop.stored()
    response = await shop.front.client.patch(f"/sessions/shop/messages/{ours['id']}", json={"text": "b"})
    assert response.status == 202
    target = (await shop.handed(2))[1]["message"]["target"]
    assert (target["sender"], target["fromMe"]) == (ours["sender"], True)


@pytest.mark.parametrize("kind", ["location", "contact", "edit", "revoke", "reaction"])
async def test_what_is_no_text_is_not_edited(shop: Shop, kind: str) -> None:
    text = await shop.post(text="a text")
    await shop.becomes(text["id"], "sent")
    path = f"/sessions/shop/messages/{text['id']}"
    made = {
        "location": lambda: shop.post(text=None, location={"latitude": 1, "longitude": 2}),
        "contact": lambda: shop.post(text=None, contact={"name": "Cy", "phoneNumbers": [BO[:13]]}),
        "edit": lambda: shop.about(path, "PATCH", {"text": "b"}),
        "revoke": lambda: shop.about(path, "DELETE"),
        "reaction": lambda: shop.about(f"{path}/reaction", "PUT", {"emoji": "\N{THUMBS UP SIGN}"}),
    }
    message = await made[kind]()
    await shop.becomes(message["id"], "sent")
    problem = await shop.refused("PATCH", f"/messages/{message['id']}", 409, json={"text": "b"})
    assert problem["code"] == "too-late"
    assert kind in problem["detail"]


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
