"""Messages: taken in each once, and read on behind a cursor."""

import asyncio
import logging
from base64 import urlsafe_b64encode
from dataclasses import replace
from time import monotonic
from typing import Any

import msgspec
import pytest

from server.core.settings.model import Settings
from server.protocol.events.messages import MessageReceived
from store.sqlite.store import SqliteStore
from tests.api.conftest import READ_KEY, Front, opened, supervisor_of
from tests.support.connector import FakeConnector
from tests.support.time import TurnedTime, until


async def connected(front: Front) -> FakeConnector:
    """The connector of a session that is connected."""
    await front.create()
    front.connector().scan()
    front.connector().restart()
    await front.until("connected")
    return front.connector()


async def page(front: Front, **params: Any) -> dict[str, Any]:
    response = await front.get("/sessions/shop/messages", params=params)
    assert response.status == 200, await response.text()
    return dict(await response.json())


async def texts(front: Front, **params: Any) -> list[str]:
    return [item["text"] for item in (await page(front, **params))["items"]]


async def acknowledged(connector: FakeConnector, seq: int | None = None) -> None:
    """Return once the front has acknowledged what the connector said last, or this event."""
    ack = {"command": "ack", "seq": seq or connector.last_seq}
    async with asyncio.timeout(20):
        await until(lambda: ack in connector.commands)


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


async def test_who_polls_with_the_last_cursor_sees_each_message_once(front: Front) -> None:
    connector = await connected(front)
    seen, cursor = [], (await page(front))["nextCursor"]
    for n in range(5):
        connector.receive(f"a{n}")
        connector.receive(f"b{n}")
        await acknowledged(connector)
        found = await page(front, after=cursor, limit=3)
        seen += [item["text"] for item in found["items"]]
        cursor = found["nextCursor"]
    assert seen == [f"{letter}{n}" for n in range(5) for letter in "ab"]
    assert await page(front, after=cursor) == {"items": [], "nextCursor": cursor}


async def test_the_newest_come_first_and_a_page_that_follows_goes_back(front: Front) -> None:
    connector = await connected(front)
    for n in range(5):
        connector.receive(f"a{n}")
    await acknowledged(connector)
    first = await page(front, order="newest", limit=2)
    connector.receive("later")
    await acknowledged(connector)
    second = await page(front, order="newest", limit=2, after=first["nextCursor"])
    third = await page(front, order="newest", limit=2, after=second["nextCursor"])
    found = [[item["text"] for item in part["items"]] for part in (first, second, third)]
    assert found == [["a4", "a3"], ["a2", "a1"], ["a0"]]
    end = third["nextCursor"]
    assert await page(front, order="newest", after=end) == {"items": [], "nextCursor": end}
    assert await texts(front, after=end) == ["a1", "a2", "a3", "a4", "later"], (
        "a cursor counts in both orders"
    )
    assert await texts(front, order="newest", limit=1) == ["later"]


async def test_the_newest_of_one_chat_and_of_a_session_that_was_made_again(front: Front) -> None:
    connector = await connected(front)
    connector.receive("one", chat="15550000001@s.whatsapp.net", chat_lid=None)
    connector.receive("two", chat="15550000002@s.whatsapp.net", chat_lid=None)
    await acknowledged(connector)
    assert await texts(front, order="newest", chat="15550000001") == ["one"]
    of_the_first = (await page(front, order="newest", limit=1))["nextCursor"]
    assert (await front.client.delete("/sessions/shop")).status == 204
    front.time.advance(1)
    connector = await connected(front)
    for n in range(3):
        connector.receive(f"b{n}")
    await acknowledged(connector)
    assert await texts(front, order="newest", after=of_the_first) == ["b2", "b1", "b0"]


async def test_an_empty_page_of_the_newest_gives_a_cursor_that_misses_nothing(front: Front) -> None:
    connector = await connected(front)
    empty = await page(front, order="newest")
    assert empty["items"] == []
    connector.receive("first")
    await acknowledged(connector)
    assert await texts(front, order="newest", after=empty["nextCursor"]) == ["first"]


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

    async def flood() -> None:
        for n in range(500):
            while len(connector.commands) < n - 100:  # noqa: ASYNC110 - no more than the pipe holds
                await asyncio.sleep(0)
            connector.receive(f"text {n}")

    flooding = asyncio.create_task(flood())
    reads = 0
    while not flooding.done() or len(connector.commands) < 500:
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


async def test_messages_of_a_session_without_any_are_an_empty_page(front: Front) -> None:
    await front.create()
    found = await page(front)
    assert found["items"] == []
    assert await page(front, after=found["nextCursor"]) == found


async def test_a_read_of_messages_wakes_no_connector(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    await page(front)
    assert front.whatsapp.registrations == 1


async def test_an_unknown_session_is_404(front: Front) -> None:
    response = await front.get("/sessions/nobody/messages")
    assert (response.status, (await response.json())["code"]) == (404, "session-not-found")


@pytest.mark.parametrize(
    "cursor", ["", "!", "WyJhIl0", "Wy0xXQ", "WzFlOTld", "e30", "W10", "WzEsMiwzXQ", "\x00"]
)
async def test_a_cursor_that_no_page_gave_is_400(front: Front, cursor: str) -> None:
    await front.create()
    response = await front.get("/sessions/shop/messages", params={"after": cursor})
    assert (response.status, (await response.json())["code"]) == (400, "bad-cursor")


@pytest.mark.parametrize(
    "params", [{"limit": "0"}, {"limit": "201"}, {"limit": "many"}, {"cursor": "WzFd"}, {"order": "last"}]
)
async def test_a_query_that_breaks_a_rule_is_400(front: Front, params: dict[str, str]) -> None:
    await front.create()
    response = await front.get("/sessions/shop/messages", params=params)
    assert (response.status, (await response.json())["code"]) == (400, "validation-failed")


async def test_a_key_that_may_look_at_sessions_may_read_their_messages(front: Front) -> None:
    await front.create()
    async with front.stranger() as stranger:
        url = "/sessions/shop/messages"
        assert (await stranger.get(url)).status == 401
        assert (await stranger.get(url, headers={"Authorization": f"Bearer {READ_KEY}"})).status == 200


async def test_messages_outlive_a_restart_that_begins_a_new_pairing(front: Front) -> None:
    connector = await connected(front)
    connector.receive("before")
    await acknowledged(connector)
    await front.ask("logout")
    await front.ask("restart")
    assert await texts(front) == ["before"]


async def test_messages_go_with_their_session(front: Front) -> None:
    connector = await connected(front)
    connector.receive("gone")
    await acknowledged(connector)
    assert (await front.client.delete("/sessions/shop")).status == 204
    await front.create()
    assert await texts(front) == []


async def test_a_message_goes_when_it_was_kept_long_enough(front: Front) -> None:
    connector = await connected(front)
    connector.receive("old")
    await acknowledged(connector)
    front.time.advance(604_000)
    connector.receive("young")
    await acknowledged(connector)
    assert await texts(front) == ["old", "young"]
    deadline = monotonic() + 20
    while await texts(front) != ["young"]:
        assert monotonic() < deadline
        front.time.advance(20)  # so little that the young one stays young


async def test_a_clock_that_is_ahead_for_one_look_costs_no_message(front: Front) -> None:
    connector = await connected(front)
    connector.receive("young")
    await acknowledged(connector)
    for step in (8 * 86_400, -8 * 86_400, 8 * 86_400):
        front.time.clock.step_wall(step)
        front.time.advance(600)
        await front.read()
        await asyncio.sleep(0.1)  # the look is over
    assert await texts(front) == ["young"]


async def test_a_message_that_came_while_the_clock_was_behind_stays_once_it_is_right(front: Front) -> None:
    connector = await connected(front)
    await certain(front)
    front.time.clock.step_wall(-30 * 86_400)
    connector.receive("young")
    await acknowledged(connector)
    front.time.clock.step_wall(30 * 86_400)
    await certain(front)
    assert await texts(front) == ["young"]


async def certain(front: Front) -> None:
    """Returns once the front believes the wall clock."""
    for _ in range(3):
        front.time.advance(3_600)
        await front.read()
        await asyncio.sleep(0.1)  # the look is over


async def test_a_flood_costs_the_oldest_messages_of_the_chat_that_floods(
    settings: Settings, time: TurnedTime, caplog: pytest.LogCaptureFixture
) -> None:
    settings = replace(settings, max_messages=100)
    supervisor = supervisor_of(settings, time)
    async with opened(settings, time, supervisor) as front:
        connector = await connected(front)
        connector.receive("from a friend", chat="15550000001@s.whatsapp.net")
        for number in range(150):
            connector.receive(str(number))
        await acknowledged(connector)
        left = await texts(front, limit=200)
        assert (left[0], left[-1]) == ("from a friend", "149")
        assert 95 <= len(left) <= 100
        removed = 151 - len(left)
        assert f"motte_messages_removed_total {removed}.0" in await (await front.get("/metrics")).text()
        assert "event=messages_removed" in caplog.text
    await supervisor.close()


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


def cursor(*numbers: int) -> str:
    return urlsafe_b64encode(msgspec.json.encode(numbers)).decode().rstrip("=")


async def test_a_cursor_says_nothing_of_the_messages_of_other_sessions(front: Front) -> None:
    await connected(front)
    await front.create("cafe")
    other = front.connector("cafe")
    other.scan()
    other.restart()
    await front.until("connected", "cafe")
    for n in range(3):
        front.connector("cafe").receive(f"for others {n}")
    await acknowledged(front.connector("cafe"))
    front.connector().receive("for us")
    await acknowledged(front.connector())
    created_at = (await front.row()).created_at
    assert (await page(front))["nextCursor"] == cursor(1, created_at)


async def test_a_cursor_of_a_deleted_session_misses_nothing_of_one_with_the_same_id(front: Front) -> None:
    for text in ("before", "after"):
        connector = await connected(front)
        connector.receive(text)
        await acknowledged(connector)
        if text == "before":
            old = (await page(front))["nextCursor"]
            await front.client.delete("/sessions/shop")
            front.time.advance(1)
    assert await texts(front, after=old) == ["after"]


async def test_a_cursor_of_an_earlier_version_is_read_on_from(front: Front) -> None:
    connector = await connected(front)
    for text in ("one", "two"):
        connector.receive(text)
    await acknowledged(connector)
    assert await texts(front, after=cursor(1)) == ["two"]
    assert (await page(front, after=cursor(2)))["items"] == []
