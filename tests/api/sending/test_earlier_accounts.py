"""A session that is linked to another account: that one has nothing to do with what came before it."""

from typing import Any

import pytest

from tests.api.sending.conftest import BO, Shop
from tests.support.time import until

#: The account that the session is linked to first, and another one.
FIRST, OTHER = "15551234567", "15557777777"


async def link(shop: Shop, number: str) -> None:
    """The session loses its account, and a phone with this number scans."""
    await shop.front.ask("logout")
    await shop.front.ask("restart")
    shop.connector.scan(number)
    shop.connector.restart()
    await shop.front.until("connected")
    await until(lambda: shop.front.owner.connectors.can_send("shop"))


ABOUT = pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/messages/{id}", {"text": "edited"}),
        ("DELETE", "/messages/{id}", None),
        ("PUT", "/messages/{id}/reaction", {"emoji": "👍"}),
        ("POST", "/messages", {"to": BO, "text": "Hello", "replyTo": "{id}"}),
        (
            "POST",
            "/messages",
            {"to": BO, "text": "Hello", "replyTo": {"id": "{id}", "chat": BO, "sender": FIRST}},
        ),
        ("POST", f"/chats/{BO}/read", {"upTo": "{id}"}),
    ],
)


def filled(body: Any, message_id: str) -> Any:
    """The body with the id of the message in it."""
    match body:
        case dict():
            return {name: filled(value, message_id) for name, value in body.items()}
        case str():
            return body.replace("{id}", message_id)
        case _:
            return body


@ABOUT
async def test_what_another_account_sent_is_not_there_for_the_next_one(
    shop: Shop, method: str, path: str, body: Any
) -> None:
    message = await shop.post()
    await shop.becomes(message["id"], "sent")
    await link(shop, OTHER)
    problem = await shop.refused(method, path.format(id=message["id"]), 404, json=filled(body, message["id"]))
    assert problem["code"] == "message-not-found"
    assert "of an account that the session had before" in problem["detail"]
    assert shop.connector.sent() == []
    assert (await shop.message(message["id"]))["sender"] == f"{FIRST}@s.whatsapp.net"


@ABOUT
async def test_the_same_account_goes_on_with_what_it_sent_once_it_is_linked_again(
    shop: Shop, method: str, path: str, body: Any
) -> None:
    await shop.meet("theirs")
    message = await shop.post()
    await shop.becomes(message["id"], "sent")
    await link(shop, FIRST)
    response = await shop.front.client.request(
        method, f"/sessions/shop{path.format(id=message['id'])}", json=filled(body, message["id"])
    )
    assert response.status in (201, 202), await response.text()


async def test_what_came_to_another_account_is_neither_answered_nor_marked_as_read(shop: Shop) -> None:
    shop.connector.receive("theirs")
    await shop.stored()
    await link(shop, OTHER)
    for method, path, body in (
        ("PUT", "/messages/theirs/reaction", {"emoji": "👍"}),
        ("POST", "/messages", {"to": BO, "text": "Hello", "replyTo": "theirs"}),
        ("POST", f"/chats/{BO}/read", {"upTo": "theirs"}),
    ):
        problem = await shop.refused(method, path, 404, json=body)
        assert problem["code"] == "message-not-found"
    assert (await shop.front.client.post(f"/sessions/shop/chats/{BO}/read")).status == 202
    assert (await shop.message("theirs"))["readAt"] is None
    shop.connector.receive("ours")
    await shop.stored()
    assert (await shop.front.client.post(f"/sessions/shop/chats/{BO}/read")).status == 202
    await shop.becomes((await shop.post())["id"], "sent")  # behind it in the pipe
    marked = [one["keys"] for one in shop.connector.commands if one["command"] == "mark_read"]
    assert marked == [[{"id": "ours", "sender": BO}]]


async def test_an_id_that_came_to_both_accounts_is_that_of_the_present_one(shop: Shop) -> None:
    """Senders choose ids."""
    shop.connector.receive("theirs")
    await shop.stored()
    await link(shop, OTHER)
    shop.connector.receive("again", id="theirs")
    await shop.stored()
    reply = await shop.post(replyTo="theirs")
    assert reply["replyTo"]["text"] == "again"


async def test_a_restriction_holds_for_the_account_that_whatsapp_restricted_alone(shop: Shop) -> None:
    shop.connector.restrict("restricted", None)
    await shop.stored()
    await link(shop, FIRST)
    assert (await shop.front.read())["sending"]["state"] == "restricted"
    await link(shop, OTHER)
    assert (await shop.front.read())["sending"] == {"state": "ok", "until": None}
    await shop.becomes((await shop.post(to="4915199999999"))["id"], "sent")
