"""How long messages are kept."""

import asyncio
from dataclasses import replace
from time import monotonic

import pytest

from server.core.settings.model import Settings
from tests.api.conftest import Front, opened, supervisor_of
from tests.api.received import acknowledged, connected, texts
from tests.support.time import TurnedTime


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
