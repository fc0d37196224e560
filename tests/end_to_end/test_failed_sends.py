"""Messages that WhatsApp refuses, that nobody can get, or that are not sent in time, on the real parts."""

import time
from typing import Any

import pytest

from tests.end_to_end.sends import has_status, send, sent
from tests.support.event_readers import events_after
from tests.support.eventually import eventually
from tests.support.moments import moment
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, CY, Phones

#: The phone of the next account.
EVE = "15557777777"


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_SEND_RATE": "0", "MOTTE_NEW_CHAT_RATE": "0"}


async def failed(motte: Motte, code: str, **body: Any) -> dict[str, Any]:
    """A message that is sent, and fails for this reason."""
    message = (await send(motte, wait=30, **body)).session(201)
    assert (message["status"], message["statusReason"]["code"]) == ("failed", code), message
    return message


async def shown(phones: Phones, number: str, *, sender: str = ANN) -> list[str]:
    """The texts of an account that a phone shows."""
    return list((await phones.texts(number))["chats"].get(sender, []))


async def is_restricted(motte: Motte) -> bool:
    return bool((await motte.look())["sending"]["state"] == "restricted")


async def known(motte: Motte, phones: Phones) -> None:
    """A session to which Bo wrote once."""
    await motte.connect()
    await phones.write("Hello")
    await eventually(motte.messages)


async def test_a_restricted_account_goes_on_in_old_chats_and_tries_no_new_one(
    motte: Motte, phones: Phones
) -> None:
    await known(motte, phones)
    _, before = await events_after(motte)
    until = int(time.time()) + 3600
    await phones.misbehave(reachoutTimelock={"until": until})
    refused = await failed(motte, "restricted", to=CY, text="new")
    assert refused["attempts"] == 1
    await eventually(lambda: is_restricted(motte))
    assert moment((await motte.look())["sending"]["until"]) == until
    held = (await send(motte, to=CY, text="held")).session(201)
    await sent(motte, text="old")
    assert await has_status(motte, held["id"], "queued")
    events, _ = await events_after(motte, before)
    [restricted] = [event["data"] for event in events if event["type"] == "session.restricted"]
    assert (restricted["state"], restricted["code"]) == ("restricted", "restricted")
    assert await shown(phones, CY) == []

    await phones.write("Who is this?", phone=CY)
    await eventually(lambda: has_status(motte, held["id"], "delivered"))
    assert (await shown(phones, CY), await shown(phones, BO)) == (["held"], ["old"])


async def test_an_account_that_has_begun_its_share_of_chats_goes_on_in_old_ones(
    motte: Motte, phones: Phones
) -> None:
    await known(motte, phones)
    await phones.misbehave(newChatCap={"total": 1, "used": 1})
    await failed(motte, "new-chat-limit", to=CY, text="new")
    await eventually(lambda: is_restricted(motte))
    held = (await send(motte, to=CY, text="held")).session(201)
    await sent(motte, text="old")
    assert await has_status(motte, held["id"], "queued")
    assert (await shown(phones, CY), await shown(phones, BO)) == ([], ["old"])


async def test_a_text_that_is_refused_because_of_old_devices_is_sent_once_more(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await phones.misbehave(messageError={"value": 479, "times": 1})
    assert (await sent(motte, text="one"))["attempts"] == 2
    await phones.misbehave(messageError={"value": 479, "times": 2})
    assert (await failed(motte, "rejected", text="two"))["attempts"] == 2
    await sent(motte, text="three")
    assert await shown(phones, BO) == ["one", "three"]
    assert (await phones.texts(BO))["copies"] == 0


async def test_a_number_without_whatsapp_is_asked_about_once_and_gets_nothing(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await phones.settle(unknownNumbers=[CY])
    await failed(motte, "not-on-whatsapp", to=CY, text="one")
    await phones.misbehave(silentQueries=["get usync usync"])  # a second question would hang
    message = await failed(motte, "not-on-whatsapp", to=CY, text="two")
    assert message["attempts"] == 0
    found = (await motte.ask("GET", f"/sessions/shop/contacts/{CY}")).session()
    assert (found["exists"], found["jid"], found["lid"]) == (False, None, None)
    for number in (CY, ANN):
        assert (await phones.phone(number))["inbox"] == []


async def test_what_expires_or_is_cancelled_while_a_session_rests_is_never_sent(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    late = (await send(motte, text="late", ttl=1)).session(201)
    unwanted = (await send(motte, text="unwanted")).session(201)
    wanted = (await send(motte, text="wanted")).session(201)
    cancelled = (await motte.ask("DELETE", f"/sessions/shop/messages/{unwanted['id']}")).session(200)
    assert (cancelled["status"], cancelled["statusReason"]["code"]) == ("failed", "cancelled")
    await eventually(lambda: has_status(motte, late["id"], "failed"))
    expired = (await motte.ask("GET", f"/sessions/shop/messages/{late['id']}")).session()
    assert expired["statusReason"]["code"] == "expired"
    await motte.tell("shop", "start")
    await eventually(lambda: has_status(motte, wanted["id"], "delivered"))
    assert await shown(phones, BO) == ["wanted"]


async def test_a_logout_fails_all_that_waits_and_the_next_account_sends_none_of_it(
    motte: Motte, phones: Phones
) -> None:
    await known(motte, phones)
    await phones.settle(offlinePhones=[BO])  # no receipt says that the first one has arrived
    await phones.misbehave(ackDelay=3000)
    texts = [f"text {number}" for number in range(50)]
    waiting = [(await send(motte, text=text)).session(201) for text in texts]
    await eventually(lambda: has_status(motte, waiting[0]["id"], "handed"))
    await motte.tell("shop", "logout")
    await motte.until("logged_out")
    ours = [message for message in await motte.messages() if message["fromMe"]]
    assert [message["text"] for message in ours] == texts
    assert {(one["status"], one["statusReason"]["code"]) for one in ours} == {("failed", "logged-out")}

    await phones.misbehave()
    await phones.settle()
    await phones.scan((await motte.tell("shop", "restart"))["qrCode"], EVE)
    await motte.until("connected")
    await sent(motte, text="of the next account")
    assert await shown(phones, BO, sender=EVE) == ["of the next account"]
    assert await shown(phones, BO) in ([], texts[:1])  # the first was on its way
