"""What waits in the outbox: cancelled, expired, ended with its account, and never removed."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from server.core.settings.model import Settings
from server.outbound import outbox
from store.errors import StoreUnavailable
from store.records.outbox import SendTerms
from store.records.reason import Reason
from store.sqlite.store import SqliteStore
from tests.api.conftest import Front, opened
from tests.api.sending.conftest import BO, Shop, linked
from tests.support.time import TurnedTime, until


async def test_a_message_that_waits_is_cancelled_and_never_handed_over(shop: Shop) -> None:
    await shop.front.ask("stop")
    message = await shop.post()
    response = await shop.front.client.delete(f"/sessions/shop/messages/{message['id']}")
    cancelled = await response.json()
    assert (response.status, cancelled["status"]) == (200, "failed")
    assert cancelled["statusReason"]["code"] == "cancelled"
    again = await shop.front.client.delete(f"/sessions/shop/messages/{message['id']}")
    assert (again.status, (await again.json())["id"]) == (200, message["id"])
    await shop.front.ask("start")
    await shop.front.until("connected")
    await shop.becomes((await shop.post(text="after"))["id"], "sent")
    assert [command["message"]["text"] for command in shop.connector.sent()] == ["after"]


async def test_a_message_that_a_connector_has_is_revoked_behind_it(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    message = await shop.post()
    await shop.handed(1)
    response = await shop.front.client.delete(f"/sessions/shop/messages/{message['id']}")
    revoke = await response.json()
    assert (response.status, revoke["kind"], revoke["status"]) == (202, "revoke", "queued")
    assert revoke["id"] != message["id"]
    assert revoke["target"] == {"id": message["id"], "chat": BO, "sender": "15551234567@s.whatsapp.net"}
    assert len(shop.connector.sent()) == 1
    shop.connector.move(message["id"], BO, "sent")
    sent = await shop.handed(2)
    assert sent[1]["message"] == {
        "kind": "revoke",
        "target": {
            "id": message["id"],
            "chat": BO,
            "sender": "15551234567@s.whatsapp.net",
            "fromMe": True,
        },
    }


async def test_an_edit_is_a_message_of_its_own_and_the_target_stays(shop: Shop) -> None:
    message = await shop.post(text="at eight")
    await shop.becomes(message["id"], "sent")
    response = await shop.front.client.patch(
        f"/sessions/shop/messages/{message['id']}", json={"text": "at nine"}
    )
    edit = await response.json()
    assert (response.status, edit["kind"], edit["text"]) == (202, "edit", "at nine")
    assert (await shop.message(message["id"]))["text"] == "at eight"
    assert (await shop.handed(2))[1]["message"]["text"] == "at nine"


@pytest.mark.parametrize(
    ("method", "body", "seconds"), [("PATCH", {"text": "b"}, 15 * 60), ("DELETE", None, 60 * 3600)]
)
async def test_an_edit_and_a_revoke_have_their_time(
    shop: Shop, method: str, body: dict[str, str] | None, seconds: float
) -> None:
    message = await shop.post()
    await shop.becomes(message["id"], "sent")
    path = f"/messages/{message['id']}"
    shop.front.time.advance(seconds)
    response = await shop.front.client.request(method, f"/sessions/shop{path}", json=body)
    assert response.status == 202
    shop.front.time.advance(1)
    assert (await shop.refused(method, path, 409, json=body))["code"] == "too-late"


async def test_an_edit_that_waits_expires_twenty_minutes_after_its_text_was_sent(shop: Shop) -> None:
    message = await shop.post(text="at eight")
    await shop.becomes(message["id"], "sent")
    shop.front.time.advance(14 * 60)
    await shop.front.ask("stop")
    edit = await shop.about(f"/sessions/shop/messages/{message['id']}", "PATCH", {"text": "at nine"})
    await until(lambda: shop.front.owner.dispatchers.knows("shop", 1))
    shop.front.time.advance(6 * 60 - 1)
    assert (await shop.message(edit["id"]))["status"] == "queued"
    shop.front.time.advance(2)
    assert (await shop.becomes(edit["id"], "failed"))["statusReason"]["code"] == "expired"


async def test_a_message_that_failed_is_neither_edited_nor_revoked(shop: Shop) -> None:
    shop.front.whatsapp.unknown_numbers.add("4915112345678")
    message = await shop.post()
    await shop.becomes(message["id"], "failed")
    for method, body in (("PATCH", {"text": "b"}), ("DELETE", None)):
        problem = await shop.refused(method, f"/messages/{message['id']}", 409, json=body)
        assert (problem["code"], problem["detail"]) == ("too-late", "it failed, so nobody has it")


@pytest.mark.parametrize("code", ["in-doubt", "restored", "logged-out"])
async def test_a_message_that_somebody_may_have_although_it_failed_is_edited_and_revoked(
    shop: Shop, code: str
) -> None:
    shop.front.whatsapp.takes_messages = False
    message = await shop.post()
    await shop.handed(1)
    shop.connector.move(message["id"], BO, "failed", reason=Reason(code, "as the test wants it"))
    await shop.becomes(message["id"], "failed")
    path = f"/sessions/shop/messages/{message['id']}"
    shop.front.whatsapp.takes_messages = True
    for method, body in (("PATCH", {"text": "b"}), ("DELETE", None)):
        await shop.becomes((await shop.about(path, method, body))["id"], "sent")
    assert [command["message"]["kind"] for command in shop.connector.sent()] == ["text", "edit", "revoke"]


async def test_a_logout_says_of_what_the_connector_had_that_whatsapp_may_have_it(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    handed, queued = await shop.post(text="one"), await shop.post(text="two")
    await shop.becomes(handed["id"], "handed")
    await shop.front.ask("logout")
    reasons = [(await shop.message(message["id"]))["statusReason"] for message in (handed, queued)]
    assert [reason["code"] for reason in reasons] == ["logged-out", "logged-out"]
    assert ["may have it" in reason["detail"] for reason in reasons] == [True, False]


async def test_a_reaction_names_a_message_of_the_other_side(shop: Shop) -> None:
    shop.connector.receive("Hello", id="3EB0AA")
    await shop.stored()
    path = "/sessions/shop/messages/3EB0AA/reaction"
    response = await shop.front.client.put(path, json={"emoji": "\N{THUMBS UP SIGN}"})
    reaction = await response.json()
    assert (response.status, reaction["kind"], reaction["emoji"]) == (202, "reaction", "\N{THUMBS UP SIGN}")
    response = await shop.front.client.delete(path)
    assert (response.status, (await response.json())["emoji"]) == (202, None)
    sent = await shop.handed(2)
    assert sent[0]["message"]["target"] == {"id": "3EB0AA", "chat": BO, "sender": BO, "fromMe": False}
    assert "emoji" not in sent[1]["message"]


@pytest.mark.parametrize("chat", ["status@broadcast", "120363041234567890@newsletter"])
async def test_a_status_and_a_channel_get_no_messages_which_no_connector_would_take(
    shop: Shop, chat: str
) -> None:
    shop.connector.receive("Look", id="3EB0AA", chat=chat)
    await shop.stored()
    path = "/messages/3EB0AA/reaction"
    for method, body in (("PUT", {"emoji": "\N{THUMBS UP SIGN}"}), ("DELETE", None)):
        problem = await shop.refused(method, path, 400, json=body)
        assert problem["errors"][0]["pointer"] == "?chat"
    await shop.becomes((await shop.post(text="after"))["id"], "sent")


async def test_what_is_not_sent_in_its_time_expires(shop: Shop) -> None:
    await shop.front.ask("stop")
    short, long = await shop.post(ttl=60), await shop.post(ttl=3600)
    await until(lambda: shop.front.owner.dispatchers.knows("shop", 2))
    shop.front.time.advance(61)
    expired = await shop.becomes(short["id"], "failed")
    assert expired["statusReason"]["code"] == "expired"
    assert (await shop.message(long["id"]))["status"] == "queued"


async def test_what_the_store_could_not_expire_expires_later_and_is_never_sent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.connector.restrict("new-chat-limit", None)
    await shop.stored()
    message = await shop.post(ttl=60)
    await until(lambda: shop.front.owner.dispatchers.knows("shop", 1))
    transact = SqliteStore.transact
    refusals = [StoreUnavailable()]

    async def refusing(self: SqliteStore, *work: Any, **options: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return await transact(self, *work, **options)

    monkeypatch.setattr(SqliteStore, "transact", refusing)
    shop.front.time.advance(61)
    await until(lambda: not refusals)
    shop.connector.restrict("restricted", 0)
    await shop.stored()
    shop.front.time.advance(1.1)
    assert (await shop.becomes(message["id"], "failed"))["statusReason"]["code"] == "expired"
    assert shop.connector.sent() == []


async def test_a_logout_fails_all_that_waits_and_leaves_the_next_account_nothing(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    messages = [await shop.post(text=f"text {number}") for number in range(20)]
    await shop.handed(1)
    await shop.front.ask("logout")
    for message in messages:
        failed = await shop.message(message["id"])
        assert (failed["status"], failed["statusReason"]["code"]) == ("failed", "logged-out")
    shop.front.whatsapp.takes_messages = True
    await shop.front.ask("restart")
    shop.connector.scan("15557777777")
    shop.connector.restart()
    await shop.front.until("connected")
    await until(lambda: shop.front.owner.connectors.can_send("shop"))
    after = await shop.post(text="of the next account")
    assert after["sender"] == "15557777777@s.whatsapp.net"
    await shop.becomes(after["id"], "sent")
    assert [command["message"]["text"] for command in shop.connector.sent()] == ["of the next account"]


async def test_a_logout_on_the_phone_fails_what_waits(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    message = await shop.post()
    await shop.handed(1)
    shop.connector.log_out_by_phone()
    await shop.front.until("logged_out")
    assert (await shop.message(message["id"]))["statusReason"]["code"] == "logged-out"


async def test_an_outbox_holds_so_many_messages_and_no_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.front.ask("stop")
    monkeypatch.setattr(outbox, "MAX_QUEUED_BYTES", 2**40)
    template = await shop.post(text="the first")
    await fill(shop.front, template["id"], outbox.MAX_QUEUED - 2)
    last = await shop.post(text="the last")
    problem = await shop.refused("POST", "/messages", 429, json={"to": BO, "text": "one more"})
    assert (problem["code"], problem["retryable"]) == ("outbox-full", True)
    assert problem["detail"] == "10000 messages wait to be sent"
    assert (await shop.front.client.delete(f"/sessions/shop/messages/{last['id']}")).status == 200
    await shop.post(text="there is room again")


async def test_a_logout_fails_each_of_a_thousand_messages(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    first = await shop.post(text="the first")
    await shop.handed(1)
    await fill(shop.front, first["id"], 999)
    await shop.front.ask("logout")
    totals = await shop.front.whole.store.outbox.totals()
    assert (totals.queued, totals.handed) == (0, 0)
    messages = await shop.front.whole.store.messages.page("shop", after=0, limit=2000)
    codes = Counter(one.status_reason.code for one in messages if one.status_reason is not None)
    assert codes == {"logged-out": 1000}


async def test_an_outbox_holds_so_many_bytes_and_no_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.front.ask("stop")
    monkeypatch.setattr(outbox, "MAX_QUEUED_BYTES", 100_000)
    await shop.post(text="a" * 65_000)
    await shop.post(text="a" * 65_000)
    problem = await shop.refused("POST", "/messages", 429, json={"to": BO, "text": "one more"})
    assert problem["code"] == "outbox-full"


async def test_neither_the_bound_nor_the_retention_removes_what_waits(
    settings: Settings, time: TurnedTime
) -> None:
    async with opened(replace(settings, max_messages=100), time) as front:
        shop = await linked(front)
        front.whatsapp.takes_messages = False
        for number in range(150):
            await shop.post(text=f"text {number}")
        for number in range(120):  # later ones of the same chat, which go
            shop.connector.receive(f"theirs {number}")
        await shop.stored()
        await front.whole.store.messages.forget(2**62)
        page = await (await front.get("/sessions/shop/messages", params={"limit": "200"})).json()
        texts = [item["text"] for item in page["items"] if item["fromMe"]]
        assert texts == [f"text {number}" for number in range(150)]


async def fill(front: Front, message_id: str, number: int) -> None:
    """Puts copies of a message into the outbox."""
    clock = front.time.clock
    terms = SendTerms(until=clock.boot() + 1e6, until_wall=clock.wall() + 10**9, boot_id=clock.boot_id)

    def copy(unit: object) -> None:
        [message] = unit.messages_with(message_id)  # type: ignore[attr-defined]
        for count in range(number):
            unit.outbox.add(replace(message, id=f"3EB0{count:018X}", number=0), terms)  # type: ignore[attr-defined]

    await front.whole.store.transact("shop", copy, token=None)
