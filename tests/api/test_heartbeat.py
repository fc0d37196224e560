"""A connector that does not answer is killed, and no other. One that is only late is not killed."""

import asyncio
from functools import partial

import pytest

from server.connectors.heartbeat import ANSWERED_EVERY, MAX_UNANSWERED_PINGS, PING_SECONDS
from server.connectors.mute_processes import LOOKS_UNTIL_KILLED, MAX_KILLS_A_LOOK
from server.core.errors import SupervisorUnavailable
from server.sessions.reconciler import RECONCILE_SECONDS
from tests.api.conftest import Front
from tests.support.time import until


def pings(front: Front, session_id: str = "shop") -> int:
    """How many the session's present connector has had."""
    return sum(line["command"] == "ping" for line in front.connector(session_id).commands)


async def beat(front: Front, session_id: str) -> None:
    """Let time go by until this connector gets its next ping; return when it has it."""
    await heard(front)
    channel = front.owner.connectors.channels()[session_id]
    unanswered, before = channel.unanswered, pings(front, session_id)
    while channel.unanswered == unanswered and pings(front, session_id) == before:
        front.time.advance(PING_SECONDS)
        await settle()
    await until(lambda: pings(front, session_id) > before)


async def heard(front: Front) -> None:
    """Return once what the connectors have said is taken in."""
    await settle()
    await until(lambda: not any(line.is_taking for line in front.owner.connectors.channels().values()))


async def settle() -> None:
    """Let everything happen that needs no time."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_connector_that_answers_is_left_alone_for_ever(front: Front) -> None:
    await front.create()
    for _ in range(4 * MAX_UNANSWERED_PINGS):
        await beat(front, "shop")
    assert front.supervisor.starts == {"shop": 1}


async def test_a_connector_that_answers_gets_every_second_ping(front: Front) -> None:
    await front.create()
    await beat(front, "shop")
    before = pings(front)
    for _ in range(4 * ANSWERED_EVERY):
        await heard(front)
        front.time.advance(PING_SECONDS)
        await settle()
    await until(lambda: pings(front) == before + 4)


async def test_a_deaf_connector_is_killed_after_three_pings_and_comes_back(front: Front) -> None:
    await front.pair()
    front.connector().deaf = True
    for _ in range(MAX_UNANSWERED_PINGS):
        await beat(front, "shop")
    await settle()
    assert (await front.read())["status"] == "connected"
    front.time.advance(PING_SECONDS)
    gone = await front.until("disconnected")
    assert gone["statusReason"]["code"] == "connector-deaf"
    front.time.advance(1)
    assert (await front.until("connected"))["statusReason"] is None


async def test_a_deaf_connector_is_killed_alone(front: Front) -> None:
    await front.create("cafe")
    await front.create("shop")
    front.connector("shop").deaf = True
    for _ in range(MAX_UNANSWERED_PINGS):
        await beat(front, "shop")
    front.time.advance(PING_SECONDS)
    await until(lambda: "shop" not in front.supervisor.connectors)
    assert front.supervisor.starts == {"shop": 1, "cafe": 1}
    assert "cafe" in front.supervisor.connectors


async def test_any_word_counts_as_life(front: Front) -> None:
    await front.create()
    front.connector().deaf = True
    for _ in range(3 * MAX_UNANSWERED_PINGS):
        await beat(front, "shop")
        front.connector().begin()
    assert front.supervisor.starts == {"shop": 1}


async def test_a_front_that_stood_still_for_an_hour_blames_nobody(front: Front) -> None:
    await front.pair()
    connector = front.connector()
    for _ in range(3):
        connector.deaf = True
        await beat(front, "shop")
        front.time.advance(3600)
        connector.deaf = False
        await beat(front, "shop")
        await settle()
    assert (await front.read())["status"] == "connected"


async def test_a_front_that_cannot_store_what_it_heard_blames_nobody(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()

    async def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(front.owner.state_machine, "apply", full)
    front.connector().begin()
    await settle()
    for _ in range(3 * MAX_UNANSWERED_PINGS):
        front.time.advance(PING_SECONDS)
        await settle()
    assert front.supervisor.starts == {"shop": 1}
    assert "shop" in front.supervisor.connectors


async def test_a_kill_that_fails_is_tried_again(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    await front.create()
    asked: list[str] = []

    async def refuse(session_id: str) -> bool:
        asked.append(session_id)
        raise SupervisorUnavailable

    monkeypatch.setattr(front.supervisor, "kill", refuse)
    front.connector().deaf = True
    for _ in range(MAX_UNANSWERED_PINGS + 2):
        await beat(front, "shop")
    await until(lambda: len(asked) == 2)


async def test_a_connector_that_never_says_a_word_is_killed_after_a_minute(front: Front) -> None:
    await front.pair()
    front.whatsapp.slow = True
    front.connector().restart()
    hung = front.connector()
    for _ in range(LOOKS_UNTIL_KILLED - 1):
        await compared(front)
    assert front.connector() is hung
    front.whatsapp.slow = False
    await compared(front)
    assert (await front.until("disconnected"))["statusReason"]["code"] == "connector-deaf"
    front.time.advance(1)
    await front.until("connected")


async def test_of_many_connectors_that_never_say_a_word_few_are_killed_at_a_time(front: Front) -> None:
    ids = [f"shop-{number}" for number in range(MAX_KILLS_A_LOOK + 2)]
    for session_id in ids:
        await front.pair(session_id)
    front.whatsapp.slow = True
    for session_id in ids:
        front.connector(session_id).restart()
    for _ in range(LOOKS_UNTIL_KILLED):
        await compared(front)
    await until(lambda: len(front.supervisor.failed) >= MAX_KILLS_A_LOOK)
    await settle()
    assert sorted(front.supervisor.failed) == ids[:MAX_KILLS_A_LOOK]


async def test_a_connector_whose_first_word_was_lost_is_greeted_again(front: Front) -> None:
    await front.pair()
    front.whatsapp.slow = True
    front.connector().restart()
    front.connector().load(is_heard=False)
    before = dict(front.supervisor.starts)
    await compared(front)
    await until(lambda: front.owner.connectors.is_answered("shop"))
    assert front.supervisor.starts == before


async def test_a_mute_session_whose_folder_vanishes_while_others_are_greeted_stops_nothing(
    front: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.gather(front.pair("cafe"), front.pair("shop"))
    front.whatsapp.slow = True
    for session_id in ("cafe", "shop"):
        front.connector(session_id).restart()
    await settle()
    channels = front.owner.connectors.channels()
    greeted: list[str] = []

    async def greet(session_id: str) -> None:
        greeted.append(session_id)
        raise FileNotFoundError

    for session_id, channel in channels.items():
        monkeypatch.setattr(channel, "greet", partial(greet, session_id))
    await compared(front)
    await until(lambda: sorted(greeted) == ["cafe", "shop"])
    await settle()
    assert "event=background_failed" not in caplog.text


async def test_a_session_that_sleeps_is_not_taken_for_mute(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    for _ in range(2 * LOOKS_UNTIL_KILLED):
        await compared(front)
    assert front.supervisor.starts == {"shop": 1}


async def compared(front: Front) -> None:
    """Let the time of one comparison go by; return when it is over."""
    lists = front.supervisor.lists
    front.time.advance(RECONCILE_SECONDS)
    await until(lambda: front.supervisor.lists > lists)
    await settle()
