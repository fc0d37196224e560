"""Read marks, typing and look-ups of numbers, at both fronts."""

from typing import Any

import pytest

from server.sessions.chats import MAX_MARKED
from store.errors import StoreUnavailable
from store.sqlite.read_marks import SqliteReadMarkRows
from tests.api.second_front import another
from tests.api.sending.conftest import BO, Shop
from tests.support.time import until


def commands(shop: Shop, name: str) -> list[dict[str, Any]]:
    return [command for command in shop.connector.commands if command["command"] == name]


async def marked(shop: Shop) -> list[list[str]]:
    """The ids of the read marks that the present connector got."""
    shop.connector.restrict("restricted", 0)  # It changes nothing. What came before it was taken in.
    await shop.stored()
    return [[key["id"] for key in command["keys"]] for command in commands(shop, "mark_read")]


async def restart(shop: Shop, **start: Any) -> None:
    """The session's process is killed, and the next one opens the link."""
    shop.front.supervisor.crash("shop")
    await shop.front.until("disconnected")
    shop.front.supervisor.start_again("shop", **start)
    await shop.front.until("connected")


async def test_what_came_in_a_chat_is_marked_as_read_once(shop: Shop) -> None:
    for text in ("one", "two", "three"):
        shop.connector.receive(text)
    await shop.meet("4915199999999")
    response = await shop.front.client.post(f"/sessions/shop/chats/{BO}/read", json={"upTo": "two"})
    assert response.status == 202
    response = await shop.front.client.post("/sessions/shop/chats/+49 151 12345678/read")
    assert response.status == 202
    await shop.front.said("mark_read")
    await shop.becomes((await shop.post())["id"], "sent")  # behind it in the pipe
    assert commands(shop, "mark_read") == [
        {
            "command": "mark_read",
            "chat": BO,
            "keys": [{"id": "one", "sender": BO}, {"id": "two", "sender": BO}],
        },
        {"command": "mark_read", "chat": BO, "keys": [{"id": "three", "sender": BO}]},
    ]
    assert (await shop.message("one"))["readAt"] is not None
    assert (await shop.message("4915199999999"))["readAt"] is None


async def test_a_mark_is_owed_until_whatsapp_has_confirmed_it(shop: Shop) -> None:
    for text in ("one", "two"):
        shop.connector.receive(text)
    await shop.stored()
    assert (await shop.front.client.post(f"/sessions/shop/chats/{BO}/read")).status == 202
    both = [["one", "two"]]
    assert await marked(shop) == both
    await restart(shop)
    assert await marked(shop) == both
    shop.connector.confirm_marks(BO, ("one", BO))
    await shop.stored()
    await restart(shop)
    assert await marked(shop) == [["two"]]
    shop.connector.confirm_marks(BO, ("two", BO))
    await shop.stored()
    await restart(shop)
    assert await marked(shop) == []


async def test_marks_are_named_though_the_database_fails_once_the_opened_link_is_stored(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.connector.receive("one")
    await shop.stored()
    assert (await shop.front.client.post(f"/sessions/shop/chats/{BO}/read")).status == 202
    assert await marked(shop) == [["one"]]
    owed = SqliteReadMarkRows.owed
    refusals, refused = iter([StoreUnavailable()]), []

    def fail_once(*args: Any) -> Any:
        for refusal in refusals:
            refused.append(refusal)
            raise refusal
        return owed(*args)

    monkeypatch.setattr(SqliteReadMarkRows, "owed", fail_once)
    await restart(shop)
    await until(lambda: len(refused) == 1)
    shop.front.time.advance(1.1)
    assert await marked(shop) == [["one"]]


async def test_an_older_connector_which_confirms_nothing_is_told_once(shop: Shop) -> None:
    await restart(shop, abilities=("send",))
    shop.connector.receive("one")
    await shop.stored()
    assert (await shop.front.client.post(f"/sessions/shop/chats/{BO}/read")).status == 202
    assert await marked(shop) == [["one"]]
    await restart(shop)
    assert await marked(shop) == []


async def test_another_account_tells_nobody_what_the_one_before_it_read(shop: Shop) -> None:
    shop.connector.receive("one")
    await shop.stored()
    assert (await shop.front.client.post(f"/sessions/shop/chats/{BO}/read")).status == 202
    await shop.front.ask("logout")
    await shop.front.ask("restart")
    shop.connector.scan("15557777777")
    shop.connector.restart()
    await shop.front.until("connected")
    await until(lambda: shop.front.owner.connectors.can_send("shop"))
    assert await marked(shop) == []


async def test_a_mark_up_to_a_message_of_another_chat_is_refused(shop: Shop) -> None:
    await shop.meet("4915199999999")
    path = f"/chats/{BO}/read"
    problem = await shop.refused("POST", path, 404, json={"upTo": "4915199999999"})
    assert problem["code"] == "message-not-found"


async def test_one_request_marks_so_many_messages_and_no_more(shop: Shop) -> None:
    for number in range(MAX_MARKED + 1):
        shop.connector.receive(f"text {number}")
    await shop.stored()
    for _ in range(2):
        response = await shop.front.client.post(f"/sessions/shop/chats/{BO}/read")
        assert response.status == 202
    await shop.becomes((await shop.post())["id"], "sent")
    keys = [[key["id"] for key in command["keys"]] for command in commands(shop, "mark_read")]
    assert keys == [[f"text {number}" for number in range(1, MAX_MARKED + 1)], ["text 0"]]
    await restart(shop)
    texts = [f"text {number}" for number in range(MAX_MARKED + 1)]
    assert await marked(shop) == [texts[:MAX_MARKED], texts[MAX_MARKED:]]


async def test_typing_may_last_so_long_and_no_longer(shop: Shop) -> None:
    path = f"/sessions/shop/chats/{BO}/typing"
    bodies: list[Any] = [None, {"seconds": 25, "kind": "voice"}, {"seconds": 0}]
    for body in bodies:
        assert (await shop.front.client.post(path, json=body)).status == 202
    await shop.becomes((await shop.post())["id"], "sent")
    assert [(command["seconds"], command["kind"]) for command in commands(shop, "type")] == [
        (3, "text"),
        (25, "voice"),
        (0, "text"),
    ]
    for wrong in ({"seconds": 25.1}, {"seconds": -1}, {"kind": "video"}):
        assert (await shop.front.client.post(path, json=wrong)).status == 400


@pytest.mark.parametrize(
    ("method", "path", "request_"),
    [
        ("POST", "/chats/4915112345678/read", "mark messages as read"),
        ("POST", "/chats/4915112345678/typing", "show that somebody types"),
        ("GET", "/contacts/4915112345678", "look a number up"),
    ],
)
async def test_a_session_that_is_not_connected_does_nothing_in_chats_and_says_what_it_cannot(
    shop: Shop, method: str, path: str, request_: str
) -> None:
    await shop.front.ask("stop")
    problem = await shop.refused(method, path, 409)
    assert problem["code"] == "conflicting-state"
    assert problem["detail"] == f"cannot {request_} while stopped: the session must be connected"


async def test_a_number_is_looked_up_once_and_then_remembered(shop: Shop) -> None:
    shop.front.whatsapp.lids["4915112345678"] = "909913313250243@lid"
    for status in ("connected", "stopped"):
        response = await shop.front.get("/sessions/shop/contacts/+49 151 12345678")
        assert await response.json() == {
            "number": "4915112345678",
            "exists": True,
            "jid": BO,
            "lid": "909913313250243@lid",
            "name": None,
        }
        if status == "connected":
            await shop.front.ask("stop")
    assert (await shop.front.get("/sessions/shop/contacts/4915199999999")).status == 409


async def test_a_number_without_whatsapp_does_not_exist(shop: Shop) -> None:
    shop.front.whatsapp.unknown_numbers.add("4915112345678")
    found = await (await shop.front.get("/sessions/shop/contacts/4915112345678")).json()
    assert (found["exists"], found["jid"]) == (False, None)


async def test_ten_numbers_a_minute_are_looked_up_and_no_more(shop: Shop) -> None:
    for number in range(10):
        assert (await shop.front.get(f"/sessions/shop/contacts/491511234560{number}")).status == 200
    response = await shop.front.get("/sessions/shop/contacts/4915112345699")
    assert (response.status, (await response.json())["code"]) == (429, "rate-limited")
    assert response.headers["Retry-After"] == "6"
    assert (await shop.front.get("/sessions/shop/contacts/4915112345600")).status == 200
    shop.front.time.advance(6)
    assert (await shop.front.get("/sessions/shop/contacts/4915112345699")).status == 200


async def test_a_look_up_without_an_answer_says_so(shop: Shop) -> None:
    shop.front.whatsapp.refuses_questions = True
    response = await shop.front.get("/sessions/shop/contacts/4915112345678")
    problem = await response.json()
    assert (response.status, problem["code"]) == (502, "whatsapp-unreachable")
    assert problem["detail"] == "as the test wants it"


async def test_a_front_without_the_pipes_has_all_of_it_done(shop: Shop) -> None:
    shop.connector.receive("one")
    await shop.stored()
    async with another(shop.front) as second:
        client = second.client
        assert (await client.post(f"/sessions/shop/chats/{BO}/read")).status == 202
        assert (await client.post(f"/sessions/shop/chats/{BO}/typing")).status == 202
        found = await (await client.get("/sessions/shop/contacts/4915112345678")).json()
        assert found["exists"]
        response = await client.post(f"/sessions/shop/chats/{BO}/read", json={"upTo": "nothing"})
        assert (response.status, (await response.json())["code"]) == (404, "message-not-found")
        for number in range(9):
            await client.get(f"/sessions/shop/contacts/491511234560{number}")
        response = await client.get("/sessions/shop/contacts/4915112345699")
        assert (response.status, response.headers["Retry-After"]) == (429, "6")
        sent = await client.post(
            "/sessions/shop/messages", json={"to": BO, "text": "Hello"}, headers={"Prefer": "wait=30"}
        )
        assert (await sent.json())["status"] == "sent"
    assert len(commands(shop, "mark_read")) == len(commands(shop, "type")) == 1
