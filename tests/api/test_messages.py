"""Messages: taken in each once, and read on behind a cursor."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from server.core.settings.model import Settings
from server.protocol.events.messages import MessageReceived
from store.sqlite.store import SqliteStore
from tests.api.conftest import Front, opened, supervisor_of
from tests.api.received import acknowledged, connected, last_acknowledged, page, texts
from tests.support.time import TurnedTime, until


async def test_what_a_killed_front_left_in_the_pipe_makes_the_next_one_leave_nothing_out(
    settings: Settings, time: TurnedTime
) -> None:
    """The killed one had read what came before that, and stored nothing of it."""
    supervisor = supervisor_of(settings, time)
    async with opened(settings, time, supervisor) as front:
        connector = await connected(front)
    first = connector.receiving("first, read by the killed one")
    second = connector.receiving("second, left in the pipe")
    connector.say(second)
    connector.commands.clear()
    async with opened(settings, time, supervisor) as front:
        await front.said("hello")
        for event in (first, second):  # as the spool does after each hello
            connector.say(event)
        await acknowledged(connector, second.seq)
        assert await texts(front) == [first.text, second.text]
    await supervisor.close()


CONTENT: dict[str, Any] = {
    "replyTo": {"id": "A", "chat": "c@g.us", "sender": "s@lid", "text": None},
    "mentions": ["4915112345678@s.whatsapp.net"],
    "target": {"id": "B", "chat": "c@g.us", "sender": "s@lid"},
    "emoji": "👍",
    "location": {"latitude": 52.5, "longitude": 13.25, "name": "Here", "address": None},
    "contact": {"name": "Eve", "phoneNumbers": ["4915187654321"], "vcard": "BEGIN:VCARD"},
    "choice": {"id": "day-2", "title": "Tomorrow"},
    "poll": {"name": "When?", "options": ["Today", "Tomorrow"], "selectable": 0},
    "media": {"mimetype": "image/png", "size": 2**53, "fileName": None, "seconds": None},
}


async def test_what_a_message_has_besides_its_text_reaches_callers_as_the_connector_says_it(
    front: Front,
) -> None:
    connector = await connected(front)
    parts = msgspec.convert(
        {"epoch": 1, "seq": 1, "id": "3EB1", "chat": "c", "sender": "s", "fromMe": True, "sentAt": 0}
        | {"event": "message_received", "kind": "choice", **CONTENT},
        MessageReceived,
    )
    names = {field.encode_name: field.name for field in msgspec.structs.fields(MessageReceived)}
    connector.receive("all", **{names[key]: getattr(parts, names[key]) for key in CONTENT})
    connector.receive("nothing")
    await acknowledged(connector)
    [item, plain] = (await page(front))["items"]
    assert {key: item[key] for key in CONTENT} == CONTENT
    assert {key: plain[key] for key in CONTENT} == dict.fromkeys(CONTENT) | {"mentions": []}


async def test_a_message_is_shown_with_all_that_is_known_of_it(front: Front) -> None:
    connector = await connected(front)
    connector.receive("Hello, shop", id="3EB0")
    await acknowledged(connector)
    assert (await page(front))["items"] == [
        {
            "id": "3EB0",
            "chat": "4915112345678@s.whatsapp.net",
            "chatLid": "909913313250243@lid",
            "sender": "4915112345678@s.whatsapp.net",
            "senderLid": "909913313250243@lid",
            "number": "4915112345678",
            "fromMe": False,
            "via": None,
            "pushName": "Bo",
            "kind": "text",
            "text": "Hello, shop",
            "replyTo": None,
            "mentions": [],
            "target": None,
            "emoji": None,
            "location": None,
            "contact": None,
            "choice": None,
            "poll": None,
            "media": None,
            "status": None,
            "statusReason": None,
            "attempts": 0,
            "queuedAt": None,
            "sentAt": "2026-05-25T12:00:00.000Z",
            "deliveredAt": None,
            "readAt": None,
            "receivedAt": "2026-05-25T12:00:00.000Z",
        }
    ]


async def test_a_message_that_is_said_again_is_acknowledged_and_not_stored_again(front: Front) -> None:
    connector = await connected(front)
    connector.receive("once")
    await acknowledged(connector)
    said = (await front.row()).have
    twice = {"id": "once", "chat": "c", "sender": "c", "from_me": False, "sent_at": 0, "kind": "text"}
    connector.commands.clear()
    connector.say(MessageReceived(epoch=connector.epoch, seq=said, **twice))  # type: ignore[arg-type]
    await acknowledged(connector, said)
    assert await texts(front) == ["once"]


async def test_a_message_moves_nothing_in_its_session(front: Front) -> None:
    connector = await connected(front)
    before = await front.row()
    front.time.advance(10)
    connector.receive("Hello, shop")
    await acknowledged(connector)
    after = await front.row()
    assert after.have > before.have
    assert replace(after, have=before.have) == before


async def test_a_flood_of_messages_is_taken_in_while_readers_are_answered(front: Front) -> None:
    connector = await connected(front)
    before = connector.last_seq

    async def flood() -> None:
        for n in range(500):
            while last_acknowledged(connector) < before + n - 100:  # noqa: ASYNC110 - no more than the pipe holds
                await asyncio.sleep(0)
            connector.receive(f"text {n}")

    flooding = asyncio.create_task(flood())
    reads = 0
    while not flooding.done() or last_acknowledged(connector) < connector.last_seq:
        assert (await front.read())["status"] == "connected"
        reads += 1
    await flooding
    await acknowledged(connector)
    first = await page(front, limit=200)
    second = await page(front, limit=200, after=first["nextCursor"])
    third = await page(front, limit=200, after=second["nextCursor"])
    found = [item["text"] for part in (first, second, third) for item in part["items"]]
    assert found == [f"text {n}" for n in range(500)]
    assert reads > 20


async def test_messages_that_come_together_are_stored_in_one_transaction(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = await connected(front)
    transact = SqliteStore.transact
    transactions = 0

    async def count(*args: Any, **options: Any) -> Any:
        nonlocal transactions
        transactions += 1
        return await transact(*args, **options)

    monkeypatch.setattr(SqliteStore, "transact", count)
    for number in range(20):
        connector.receive(f"text {number}")
    await acknowledged(connector)
    assert await texts(front) == [f"text {number}" for number in range(20)]
    assert transactions < 5


async def test_a_long_text_with_every_kind_of_character_arrives_whole_but_for_nul(front: Front) -> None:
    connector = await connected(front)
    text = ('\x00\x1f"\\ é 漢 😀\u2028' * 10_000)[:65_536]
    said = {"id": "long", "chat": "c", "sender": "c", "from_me": False, "sent_at": 0, "kind": "text"}
    event = MessageReceived(epoch=connector.epoch, seq=2**40, text=text, **said)  # type: ignore[arg-type]
    line = msgspec.json.encode(event) + b"\n"
    assert len(line) > 2 * 65_536
    await asyncio.to_thread(front.folder.session("shop").events.write_bytes, line)
    await acknowledged(connector, 2**40)
    assert await texts(front) == [text.replace("\0", "")]


async def test_a_front_that_was_stopped_is_told_what_it_missed(settings: Settings, time: TurnedTime) -> None:
    supervisor = supervisor_of(settings, time)
    async with opened(settings, time, supervisor) as front:
        connector = await connected(front)
        connector.receive("heard")
        await acknowledged(connector)
        have = (await front.row()).have
    async with opened(settings, time, supervisor) as front:
        await until(lambda: connector.commands[-1]["command"] == "hello")
        assert connector.commands[-1]["have"] == have
    await supervisor.close()


async def test_what_somebody_wrote_is_in_no_log(
    front: Front, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    connector = await connected(front)
    refusals = iter([ValueError("as the test wants it")])
    transact = SqliteStore.transact

    async def fail_once(*args: Any, **options: Any) -> Any:
        for refusal in refusals:
            raise refusal
        return await transact(*args, **options)

    monkeypatch.setattr(SqliteStore, "transact", fail_once)
    connector.receive("a bug meets this secret")
    connector.receive("this secret is stored")
    await acknowledged(connector)
    assert "not_understood" in caplog.text
    assert "secret" not in caplog.text
