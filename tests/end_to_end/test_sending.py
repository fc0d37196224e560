"""Messages that callers send, on the real parts."""

from functools import partial

import pytest

from tests.end_to_end.sends import has_status, send, sent
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, CY, Phones


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}


async def test_a_text_reaches_the_phone_and_its_receipts_come_back(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    message = await sent(motte, text="Grüße, Bo 👋", typing=0.1)
    await eventually(lambda: has_status(motte, message["id"], "delivered"))
    [shown] = (await phones.phone(BO))["inbox"]
    assert (shown["id"], shown["text"], shown["copies"]) == (message["id"], "Grüße, Bo 👋", 1)
    await phones.read(BO, message["id"])
    await eventually(lambda: has_status(motte, message["id"], "read"))
    whole = (await motte.ask("GET", f"/sessions/shop/messages/{message['id']}")).session()
    assert whole["chatLid"].endswith("@lid")
    assert "Grüße" not in motte.serve.logs()


async def test_every_kind_of_message_reaches_the_phone(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    await phones.write("Are you open?", id="QUESTION")
    await eventually(motte.messages)
    text = await sent(motte, text="@4915112345678 until eight", replyTo="QUESTION", mentions=[BO])
    await sent(motte, location={"latitude": 52.5, "longitude": 13.4, "name": "Shop"}, text=None)
    await sent(motte, contact={"name": "Cy", "phoneNumbers": [CY]}, text=None)
    path = f"/sessions/shop/messages/{text['id']}"
    for method, of, body in (
        ("PATCH", "", {"text": "until nine"}),
        ("PUT", "/reaction", {"emoji": "👍"}),
        ("DELETE", "/reaction", None),
        ("DELETE", "", None),
    ):
        made = (await motte.ask(method, path + of, json=body)).session(202)
        await eventually(partial(is_settled, motte, made["id"]))
    inbox = (await phones.phone(BO))["inbox"]
    assert [one["kind"] for one in inbox] == [
        *("text", "location", "contact", "edit", "reaction", "reaction", "revoke")
    ]
    assert {one["target"] for one in inbox[3:]} == {text["id"]}


async def is_settled(motte: Motte, message_id: str) -> bool:
    answer = await motte.ask("GET", f"/sessions/shop/messages/{message_id}")
    return answer.session()["sentAt"] is not None


async def test_a_text_to_a_group_reaches_its_members(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    group = await phones.make_group(ANN, BO, CY, addressing="lid")
    await sent(motte, to=group, text="Hello, all")
    for phone in (BO, CY):
        assert [one["text"] for one in (await phones.phone(phone))["inbox"]] == ["Hello, all"]


async def test_a_number_is_looked_up_read_marks_and_typing_arrive(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    found = (await motte.ask("GET", f"/sessions/shop/contacts/{BO}")).session()
    assert (found["exists"], found["jid"]) == (True, f"{BO}@s.whatsapp.net")
    await phones.write("Are you open?", id="QUESTION")
    await eventually(motte.messages)
    for path in ("read", "typing"):
        assert (await motte.ask("POST", f"/sessions/shop/chats/{BO}/{path}")).status == 202

    async def is_read() -> bool:
        receipts = (await phones.phone(BO))["receipts"]
        return ("QUESTION", "read") in [(one["id"], one["type"]) for one in receipts]

    await eventually(is_read)


async def test_a_message_of_a_session_that_rests_is_sent_when_it_starts(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    message = (await send(motte, text="meanwhile")).session(201)
    await motte.tell("shop", "start")
    await eventually(lambda: is_settled(motte, message["id"]))
    assert [one["text"] for one in (await phones.phone(BO))["inbox"]] == ["meanwhile"]
