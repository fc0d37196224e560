"""A front or a connector dies between two steps of a send: nothing is lost, and nothing is sent twice."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from server.connectors.pool import ConnectorPool
from server.core.settings.model import Settings
from server.protocol.commands import Command, Send
from store.errors import StoreUnavailable
from store.sqlite.store import SqliteStore
from tests.api.conftest import opened, supervisor_of
from tests.api.second_front import another
from tests.api.sending.conftest import BO, Shop, linked
from tests.support.time import TurnedTime, until

KEY = {"Idempotency-Key": "order-4711"}

#: Called with a command for a connector, and with what would send it.
Fate = Callable[[Command, Callable[[], Awaitable[None]]], Awaitable[None]]


def doom(monkeypatch: pytest.MonkeyPatch, fate: Fate) -> None:
    """Lets a test decide what becomes of each message that is to be written to a pipe."""
    send = ConnectorPool.send

    async def decide(pool: ConnectorPool, session_id: str, *commands: Command) -> None:
        for command in commands:
            write = partial(send, pool, session_id, command)
            await (fate(command, write) if isinstance(command, Send) else write())

    monkeypatch.setattr(ConnectorPool, "send", decide)


async def test_an_insert_that_fails_leaves_nothing_and_the_retry_is_the_first_message(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = SqliteStore.transact
    refusals = iter([StoreUnavailable()])

    async def fail_once(*args: Any, **options: Any) -> Any:
        for refusal in refusals:
            raise refusal
        return await transact(*args, **options)

    monkeypatch.setattr(SqliteStore, "transact", fail_once)
    body = {"to": BO, "text": "Hello"}
    problem = await shop.refused("POST", "/messages", 503, json=body, headers=KEY)
    assert problem["code"] == "store-unavailable"
    answer = await shop.front.client.post("/sessions/shop/messages", json=body, headers=KEY)
    assert answer.status == 201
    await shop.becomes((await answer.json())["id"], "sent")
    assert len(shop.connector.sent()) == 1


async def test_a_front_that_dies_before_it_answers_has_the_message_and_the_retry_gets_it(
    settings: Settings, time: TurnedTime
) -> None:
    supervisor = supervisor_of(settings, time)
    async with opened(settings, time, supervisor) as front:
        shop = await linked(front)
        await front.ask("stop")
        message = await shop.front.client.post(
            "/sessions/shop/messages", json={"to": BO, "text": "Hello"}, headers=KEY
        )
        first = await message.json()
    async with opened(settings, time, supervisor) as front:
        again = await front.client.post(
            "/sessions/shop/messages", json={"to": BO, "text": "Hello"}, headers=KEY
        )
        assert (again.status, (await again.json())["id"]) == (200, first["id"])
        await front.ask("start")
        await front.until("connected")
        await Shop(front).becomes(first["id"], "sent")
        assert [command["id"] for command in front.connector().sent()] == [first["id"]]
    await supervisor.close()


@pytest.mark.parametrize("is_written", [False, True])
async def test_what_a_dead_front_had_handed_over_is_handed_over_again_first_and_in_order(
    settings: Settings, time: TurnedTime, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    """The front dies after `handed` is on the disk: before it writes to the pipe, or after that."""
    supervisor = supervisor_of(settings, time)
    supervisor.whatsapp.takes_messages = False
    handed = []

    async def die(command: Command, send: Callable[[], Awaitable[None]]) -> None:
        handed.append(command)
        if is_written:
            await send()

    with monkeypatch.context() as patched:
        doom(patched, die)
        async with opened(settings, time, supervisor) as front:
            shop = await linked(front)
            await shop.meet(*(f"491511234567{number}" for number in range(4)))
            for text in ("one", "two"):
                for number in range(4):
                    await shop.post(to=f"491511234567{number}", text=f"{text} {number}")
            await until(lambda: len(handed) == 4)
    connector = supervisor.connectors["shop"]
    known = len(connector.sent())
    assert known == (4 if is_written else 0)
    supervisor.whatsapp.takes_messages = True
    async with opened(settings, time, supervisor) as front:
        shop = Shop(front)
        sent = (await shop.handed(known + 8))[known:]
    texts = [command["message"]["text"] for command in sent]
    assert texts[:4] == [f"one {number}" for number in range(4)]
    assert sorted(texts[4:]) == [f"two {number}" for number in range(4)]
    assert [command["again"] for command in sent] == [True] * 4 + [False] * 4
    await supervisor.close()


async def test_what_a_dead_connector_had_is_handed_to_the_next_one_again(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    first = await shop.post(text="one")
    await shop.handed(1)
    second = await shop.post(text="two")
    shop.front.supervisor.crash("shop")
    shop.front.whatsapp.takes_messages = True
    shop.front.supervisor.start_again("shop")
    await shop.becomes(second["id"], "sent")
    assert [(command["id"], command["again"]) for command in shop.connector.sent()] == [
        (first["id"], True),
        (second["id"], False),
    ]


async def test_a_link_that_is_lost_and_opened_again_hands_nothing_over_twice(shop: Shop) -> None:
    """The same process sends what it had by itself."""
    shop.front.whatsapp.takes_messages = False
    first = await shop.post(text="one")
    await shop.handed(1)
    shop.connector.lose()
    await shop.front.until("disconnected")
    second = await shop.post(to="4915199999999", text="two")
    shop.front.time.advance(1.1)
    await shop.front.until("connected")
    await shop.handed(2)
    assert [command["id"] for command in shop.connector.sent()] == [first["id"], second["id"]]


async def test_while_the_link_is_down_nothing_is_handed_over(shop: Shop) -> None:
    shop.connector.lose()
    await shop.front.until("disconnected")
    message = await shop.post()
    await until(lambda: shop.front.owner.dispatchers.knows("shop", 1))
    assert shop.connector.sent() == []
    shop.front.time.advance(1.1)
    await shop.becomes(message["id"], "sent")


async def test_a_connector_that_cannot_send_is_handed_nothing(shop: Shop) -> None:
    shop.front.supervisor.crash("shop")
    shop.front.supervisor.start_again("shop", abilities=())
    await shop.front.until("connected")
    message = await shop.post()
    await until(lambda: shop.front.owner.dispatchers.knows("shop", 1))
    assert (await shop.message(message["id"]))["status"] == "queued"
    assert shop.connector.sent() == []


async def test_news_that_could_not_be_stored_are_taken_in_when_they_come_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.front.whatsapp.takes_messages = False
    message = await shop.post()
    await shop.handed(1)
    transact = SqliteStore.transact
    refusals, refused = iter([StoreUnavailable()]), []

    async def fail_once(*args: Any, **options: Any) -> Any:
        for refusal in refusals:
            refused.append(refusal)
            raise refusal
        return await transact(*args, **options)

    monkeypatch.setattr(SqliteStore, "transact", fail_once)
    shop.connector.move(message["id"], BO, "sent")
    await until(lambda: len(refused) == 1)
    shop.front.time.advance(1.1)
    await shop.becomes(message["id"], "sent")


async def test_a_message_that_a_follower_took_is_sent_by_the_leader(shop: Shop) -> None:
    async with another(shop.front) as second:
        response = await second.client.post("/sessions/shop/messages", json={"to": BO, "text": "Hello"})
        message = await response.json()
        assert response.status == 201
        await shop.becomes(message["id"], "sent")


async def test_a_follower_that_becomes_the_leader_sends_what_it_took(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    async with another(shop.front) as second:
        response = await second.client.post("/sessions/shop/messages", json={"to": BO, "text": "Hello"})
        message = await response.json()
        await shop.handed(1)
        shop.front.whatsapp.takes_messages = True
        await shop.front.stop()
        await until(lambda: len(shop.connector.sent()) == 2)
        assert [one["id"] for one in shop.connector.sent()] == [message["id"]] * 2


async def test_a_message_whose_time_ended_while_a_connector_had_it_is_not_sent_once_more_in_doubt(
    settings: Settings, time: TurnedTime
) -> None:
    supervisor = supervisor_of(settings, time)
    supervisor.whatsapp.takes_messages = False
    async with opened(settings, time, supervisor) as front:
        shop = await linked(front)
        message = await shop.post(ttl=60)
        await shop.handed(1)
    time.advance(61)
    async with opened(settings, time, supervisor) as front:
        shop = Shop(front)
        again = (await shop.handed(2))[1]
        assert (again["id"], again["again"], again["onDoubt"]) == (message["id"], True, "fail")
    await supervisor.close()


async def test_a_message_that_a_connector_had_ends_with_its_time_though_its_session_was_stopped(
    shop: Shop,
) -> None:
    shop.front.whatsapp.takes_messages = False
    late, waits = await shop.post(text="one", ttl=60), await shop.post(text="two")
    await shop.handed(1)
    shop.front.time.advance(30)
    await shop.front.ask("stop")
    assert (await shop.message(late["id"]))["status"] == "handed"
    shop.front.time.advance(31)
    failed = await shop.becomes(late["id"], "failed")
    assert failed["statusReason"]["code"] == "in-doubt"
    shop.front.whatsapp.takes_messages = True
    await shop.front.ask("start")
    await shop.becomes(waits["id"], "sent")
    assert [command["id"] for command in shop.connector.sent()] == [waits["id"]]


async def test_a_message_that_a_connector_has_is_left_to_it_while_its_link_is_down(shop: Shop) -> None:
    shop.front.whatsapp.takes_messages = False
    message = await shop.post(ttl=60)
    await shop.handed(1)
    shop.front.whatsapp.held = []  # no login is answered
    shop.connector.lose()
    await shop.front.until("disconnected")
    shop.front.time.advance(61)
    other = await shop.post(text="two")
    await until(lambda: shop.front.owner.dispatchers.knows("shop", 2))
    assert (await shop.message(message["id"]))["status"] == "handed"
    assert (await shop.message(other["id"]))["status"] == "queued"


async def test_a_connector_is_told_of_a_restore_until_it_has_answered(
    settings: Settings, time: TurnedTime
) -> None:
    supervisor = supervisor_of(settings, time)
    async with opened(settings, time, supervisor) as front:
        shop = await linked(front)
        await shop.front.owner.state_machine.rewrite("shop", lambda one: replace(one, is_restored=True))
    connector = supervisor.connectors["shop"]
    for restored in (True, False):
        connector.commands.clear()
        async with opened(settings, time, supervisor) as front:
            await until(lambda: front.owner.connectors.can_send("shop"))
            await front.until("connected")
            await until(lambda: front.owner.dispatchers.is_open("shop"))
            hello, *_ = [one for one in connector.commands if one["command"] == "hello"]
            assert hello["restored"] is restored
    await supervisor.close()
