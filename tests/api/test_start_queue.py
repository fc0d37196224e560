"""What callers ask while paired sessions wait for their turn to be started."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace
from functools import partial
from operator import contains

import pytest

from server.core.settings.model import Settings
from tests.api.conftest import Front, opened
from tests.api.test_start_up import TEN, pair_ten
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until


@pytest.fixture
async def front(settings: Settings, time: TurnedTime, supervisor: FakeSupervisor) -> AsyncGenerator[Front]:
    """One that starts ten sessions in turn; the connector of the first, `a`, is loading."""
    async with opened(settings, time, supervisor) as before:
        await pair_ten(before)
    await supervisor.close()
    supervisor.whatsapp.slow = True
    async with opened(replace(settings, start_concurrency=1), time, supervisor) as front:
        assert await started(front, 1) == {"a"}
        yield front


async def started(front: Front, number: int) -> set[str]:
    """Which connectors there are, once there are so many."""
    await until(lambda: len(front.supervisor.connectors) >= number)
    return set(front.supervisor.connectors)


async def load(front: Front, session_ids: Iterable[str]) -> None:
    """Let these connectors load, each when its turn has come."""
    for session_id in session_ids:
        await until(partial(contains, front.supervisor.connectors, session_id))
        front.connector(session_id).load()


async def test_a_session_that_is_stopped_meanwhile_is_not_started(front: Front) -> None:
    await front.ask("stop", "c")
    await load(front, "ab")
    assert await started(front, 3) == set("abd")
    assert (await front.row("c")).status == "stopped"


async def test_a_session_that_is_deleted_meanwhile_leaves_no_connector(front: Front) -> None:
    deleting = asyncio.create_task(front.client.delete("/sessions/c"))
    await until(lambda: front.owner.connectors.is_attached("c"))
    await load(front, "abc")  # it says goodbye
    assert (await deleting).status == 204
    await load(front, "d")
    assert await started(front, 4) == set("abde")
    assert not front.folder.session("c").path.exists()


async def test_a_session_that_is_logged_out_meanwhile_registers_nothing(front: Front) -> None:
    asking = asyncio.create_task(front.ask("logout", "c"))
    await until(lambda: front.owner.connectors.is_attached("c"))
    await load(front, "abc")
    assert (await asking)["status"] == "logged_out"
    await load(front, "d")
    assert await started(front, 4) == set("abde")
    assert front.whatsapp.registrations == len(TEN)


async def test_a_new_session_waits_for_one_other_at_most(front: Front) -> None:
    creating = asyncio.create_task(front.create("shop"))
    await until(lambda: front.owner.connectors.starting() == (len("a"), len(("b", "shop"))))
    await load(front, "ab")
    assert await started(front, 3) == {"a", "b", "shop"}
    await load(front, ["shop"])
    assert (await creating)["qrCode"] is not None


async def test_sessions_that_are_read_come_next_in_the_order_of_their_reads(front: Front) -> None:
    assert (await front.read("h"))["status"] == "disconnected"
    await front.read("d")
    await load(front, "ab")
    assert await started(front, 3) == set("abh")
    await load(front, "h")
    assert await started(front, 4) == set("abhd")
    await load(front, "d")
    assert await started(front, 5) == set("abhdc")


async def test_a_session_whose_news_a_caller_waits_for_comes_next(front: Front) -> None:
    seen = (await front.get("/sessions/h", params={"refresh": "false"})).headers["ETag"]
    waiting = asyncio.create_task(front.read("h", headers={"If-None-Match": seen, "Prefer": "wait=30"}))
    await front.watched("h")
    await load(front, "abh")
    assert await started(front, 4) == set("abhc")
    assert (await waiting)["status"] == "connected"


async def test_a_mere_look_moves_no_session_forward(front: Front) -> None:
    await front.read("h", params={"refresh": "false"})
    await load(front, "ab")
    assert await started(front, 3) == set("abc")
