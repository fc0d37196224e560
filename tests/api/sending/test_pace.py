"""The pace of a session, and what it checks before it begins a chat."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from server.core.settings.model import Settings
from server.outbound.pacing import JITTER
from store.sqlite.outbox import SqliteOutboxStore
from tests.api.conftest import opened
from tests.api.sending.conftest import BO, Shop, linked
from tests.support.time import TurnedTime, until

#: Seconds from one message to the next, at one in a second.
SHORTEST, LONGEST = 1 - JITTER, 1 + JITTER

NUMBERS = [f"49151123456{number:02}" for number in range(20)]


async def test_five_go_at_once_and_then_about_one_in_a_second(paced: Shop) -> None:
    await paced.meet(*NUMBERS)
    for number in NUMBERS[:8]:
        await paced.post(to=number)
    await paced.handed(5)
    paced.front.time.advance(SHORTEST - 0.01)
    await paced.front.read()
    assert len(paced.connector.sent()) == 5
    passed = SHORTEST - 0.01
    for count in (6, 7, 8):
        longest = (count - 5) * LONGEST + 0.01
        paced.front.time.advance(longest - passed)
        passed = longest
        assert len(await paced.handed(count)) <= 5 + passed / SHORTEST


async def test_six_new_chats_in_a_minute_after_five_at_once_and_known_chats_do_not_wait(paced: Shop) -> None:
    await paced.meet(NUMBERS[19])
    for number in NUMBERS[:7]:
        await paced.post(to=number)
    await paced.handed(5)
    await paced.post(to=NUMBERS[19], text="known")
    paced.front.time.advance(1.4)
    sent = await paced.handed(6)
    assert sent[5]["message"]["text"] == "known"
    paced.front.time.advance(11.7)
    assert len(await paced.handed(7)) == 7


async def test_a_number_without_whatsapp_is_asked_about_once_and_never_sent_to(shop: Shop) -> None:
    shop.front.whatsapp.unknown_numbers.add("4915112345678")
    first = await shop.post()
    failed = await shop.becomes(first["id"], "failed")
    assert failed["statusReason"] == {"code": "not-on-whatsapp", "detail": "the number has no WhatsApp"}
    await shop.becomes((await shop.post())["id"], "failed")
    assert [line["command"] for line in shop.connector.commands].count("ask") == 1
    assert shop.connector.sent() == []
    shop.front.whatsapp.unknown_numbers.clear()
    shop.front.time.advance(3601)
    await shop.becomes((await shop.post())["id"], "sent")


async def test_a_chat_in_which_somebody_wrote_is_not_asked_about(shop: Shop) -> None:
    await shop.meet("4915112345678")
    await shop.becomes((await shop.post())["id"], "sent")
    assert "ask" not in {line["command"] for line in shop.connector.commands}


async def test_a_look_up_that_fails_is_tried_again_and_delays_no_other_chat(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.front.whatsapp.silent = True
    await shop.meet(NUMBERS[0])
    waiting = await shop.post()
    await shop.front.said("ask")
    await shop.becomes((await shop.post(to=NUMBERS[0]))["id"], "sent")
    shop.front.whatsapp.silent = False
    shop.front.time.advance(21)
    await until(lambda: "number_not_checked" in caplog.text)
    shop.front.time.advance(31)
    await shop.becomes(waiting["id"], "sent")


async def test_typing_comes_with_the_command(shop: Shop) -> None:
    await shop.post(typing=3)
    assert (await shop.handed(1))[0]["typing"] == 3


async def test_a_restriction_holds_only_chats_in_which_nobody_wrote(shop: Shop) -> None:
    until_ms = shop.front.time.clock.wall() + 600_000
    await shop.meet(NUMBERS[0])
    shop.connector.restrict("restricted", until_ms)
    await shop.stored()
    assert (await shop.front.read())["sending"] == {
        "state": "restricted",
        "until": "2026-05-25T12:10:00.000Z",
    }
    held = await shop.post()
    await shop.becomes((await shop.post(to=NUMBERS[0]))["id"], "sent")
    assert (await shop.message(held["id"]))["status"] == "queued"
    shop.front.time.advance(601)
    await shop.becomes(held["id"], "sent")
    assert (await shop.front.read())["sending"] == {"state": "ok", "until": None}


async def test_a_held_chat_goes_on_once_the_other_side_writes(shop: Shop) -> None:
    shop.connector.restrict("new-chat-limit", None)
    await shop.stored()
    held = await shop.post()
    await shop.becomes((await shop.post(to=BO, text="also held"))["id"], "queued")
    await shop.meet("4915112345678")
    await shop.becomes(held["id"], "sent")


async def test_a_restriction_that_is_over_lets_every_chat_go_on(shop: Shop) -> None:
    shop.connector.restrict("restricted", None)
    await shop.stored()
    assert (await shop.front.read())["sending"]["until"] == "2026-05-25T13:00:00.000Z"
    held = await shop.post()
    shop.connector.restrict("restricted", 0)
    await shop.becomes(held["id"], "sent")


async def test_new_chats_that_wait_are_not_read_again_while_others_take_their_turns(
    settings: Settings, time: TurnedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    acquaintances = SqliteOutboxStore.acquaintances

    async def counted(self: SqliteOutboxStore, session_id: str, chats: Collection[str]) -> Any:
        nonlocal reads
        reads += len(chats)
        return await acquaintances(self, session_id, chats)

    async with opened(replace(settings, new_chat_rate=6.0), time) as front:
        shop = await linked(front)
        await front.ask("stop")
        for number in range(300):
            await shop.post(to=f"4915112{number:06}", text=f"{number}")
        monkeypatch.setattr(SqliteOutboxStore, "acquaintances", counted)
        await front.ask("start")
        await shop.handed(5)
        await until(lambda: reads >= 300)
        reads = 0
        for count in range(6, 12):
            time.advance(10 * LONGEST + 0.1)
            await shop.handed(count)
        # Tokens come after 10 s on average, so that a turn of the clock may bring two.
        texts = [command["message"]["text"] for command in shop.connector.sent()]
        assert texts == [*map(str, range(len(texts)))]
        assert reads < 100  # one look at all of them would be 289 or more
