"""What the event log has of sessions and messages: each event is written with the change that it reports."""

import json
from typing import Any

import pytest

from server.protocol.content import MessageReference
from server.protocol.events.chats import CallCame
from server.protocol.events.contacts import ContactLinked
from server.sessions.state_machine import StateMachine
from store.records.events import EventLimits
from tests.api.conftest import Front
from tests.api.received import acknowledged, connected
from tests.support.time import until


async def logged(front: Front) -> list[tuple[str, Any]]:
    """Type and data of every event."""
    return [
        (event.type, json.loads(event.data)) for event in await front.whole.store.events.after(0, limit=100)
    ]


async def test_the_log_has_each_status_of_a_session_and_its_end(front: Front) -> None:
    await connected(front)
    await front.client.delete("/sessions/shop")

    events = await logged(front)

    assert [data.get("status", kind) for kind, data in events] == [
        "starting",
        "qr_waiting",
        "pairing",
        "connected",
        "logged_out",
        "session.deleted",
    ]
    assert events[-1] == ("session.deleted", {"id": "shop"})
    connected_event = dict(events[3][1])
    assert (connected_event["phoneNumber"], connected_event["id"]) == ("15551234567", "shop")


async def test_a_session_in_the_log_is_as_a_read_shows_it(front: Front) -> None:
    await connected(front)

    assert (await logged(front))[-1] == ("session.status", await front.read())


async def test_no_code_and_no_password_of_a_proxy_gets_into_the_log(front: Front) -> None:
    session = await front.create()
    headers = await front.key("root", "admin")
    proxy = "http://user:verysecret@proxy.example:3128"
    changed = await front.client.patch("/sessions/shop", json={"proxy": proxy}, headers=headers)
    assert changed.status == 200, await changed.text()

    events = await front.whole.store.events.after(0, limit=100)

    assert session["qrCode"] is not None
    assert not [event for event in events if session["qrCode"] in event.data or "verysecret" in event.data]
    assert json.loads(events[-1].data)["proxy"] == "http://proxy.example:3128"


async def test_a_new_name_is_an_event_and_the_same_name_is_none(front: Front) -> None:
    await front.create()
    before = len(await logged(front))

    for _ in range(2):
        await front.client.patch("/sessions/shop", json={"name": "Front desk"})

    assert [data["name"] for _, data in (await logged(front))[before:]] == ["Front desk"]


async def test_a_message_is_an_event_whoever_wrote_it(front: Front) -> None:
    connector = await connected(front)
    before = len(await logged(front))
    connector.receive("Hello, shop", id="3EB0")
    connector.receive("Hello, Bo", id="3EB1", from_me=True)
    await acknowledged(connector)

    events = (await logged(front))[before:]

    response = await front.get("/sessions/shop/messages")
    assert events == [("message.received", item) for item in (await response.json())["items"]]
    assert [(data["fromMe"], data["via"]) for _, data in events] == [(False, None), (True, "phone")]


async def test_a_reaction_an_edit_and_a_revoke_have_types_of_their_own(front: Front) -> None:
    connector = await connected(front)
    before = len(await logged(front))
    for kind in ("reaction", "edit", "revoke", "poll_vote"):
        connector.receive(kind, kind=kind, target=MessageReference(id="A", chat="c", sender="s"))
    await acknowledged(connector)

    events = (await logged(front))[before:]

    assert [kind for kind, _ in events] == [
        "message.reaction",
        "message.edited",
        "message.revoked",
        "message.received",
    ]
    assert {str(data["target"]) for _, data in events} == {str({"id": "A", "chat": "c", "sender": "s"})}


async def test_a_call_and_a_number_that_is_learnt_are_events_once_each(front: Front) -> None:
    connector = await connected(front)
    before = len(await logged(front))
    caller = "4915112345678@s.whatsapp.net"
    call = {"id": "5A17C0", "chat": caller, "caller": caller, "at": 0, "is_video": True, "is_group": False}
    connector.say_spooled(CallCame, **call)
    connector.say_spooled(ContactLinked, lid="909913313250243@lid", number="4915112345678")
    await acknowledged(connector)

    assert (await logged(front))[before:] == [
        (
            "call.received",
            {
                "id": "5A17C0",
                "chat": caller,
                "from": caller,
                "number": "4915112345678",
                "at": "1970-01-01T00:00:00.000Z",
                "isVideo": True,
                "isGroup": False,
            },
        ),
        ("contact.linked", {"lid": "909913313250243@lid", "number": "4915112345678"}),
    ]


async def test_a_message_that_is_told_twice_is_one_event(front: Front) -> None:
    connector = await connected(front)
    before = len(await logged(front))
    connector.say(event := connector.receiving("once"))
    connector.say(event)
    await acknowledged(connector)

    assert len((await logged(front))[before:]) == 1


async def test_what_is_committed_and_never_published_is_in_the_log(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A front may be killed right after the commit."""
    connector = await connected(front)
    published: list[object] = []
    monkeypatch.setattr(StateMachine, "_publish", lambda self, committed: published.append(committed))
    connector.receive("Hello, shop")
    await until(lambda: len(published) == 1)

    assert (await logged(front))[-1][1]["text"] == "Hello, shop"


async def test_a_flood_of_events_is_counted_and_logged(
    front: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(front.whole.store.events, "_limits", EventLimits(number=10))
    connector = await connected(front)
    for number in range(20):
        connector.receive(str(number))
    await acknowledged(connector)

    left = await logged(front)

    assert left[-1][1]["text"] == "19"
    removed = 24 - len(left)
    assert f"motte_events_removed_total {removed}.0" in await (await front.get("/metrics")).text()
    assert "event=events_removed" in caplog.text
