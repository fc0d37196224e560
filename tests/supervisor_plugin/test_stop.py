"""What `motte.stop` does."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from server.core.errors import SupervisorUnavailable
from tests.supervisor_plugin.conftest import StartRig
from tests.supervisor_plugin.rig import Rig


async def test_a_stop_answers_when_the_process_is_gone_and_out_of_the_group(rig: Rig) -> None:
    shop = await rig.started("shop")
    pid = (await rig.supervisor.start("shop")).pid
    assert pid in list(rig.running())
    assert await rig.supervisor.stop("shop")
    assert pid not in list(rig.running())
    assert await rig.supervisor.list() == []
    notice = await rig.notices.next(state="STOPPED")
    assert (notice["exit"], notice["byHand"]) == (0, False)
    assert (await shop.events.next(event="ended"))["state"] == "STOPPED"


async def test_a_stop_answers_as_soon_as_the_process_is_gone(start_rig: StartRig) -> None:
    rig = await start_rig(stopwaitsecs="8")
    shop = await rig.started("shop")
    await shop.ask("linger 0.1")
    began = time.monotonic()
    await rig.supervisor.stop("shop")
    assert 0.1 < time.monotonic() - began < 0.6


async def test_a_stop_without_a_connector_returns_false(rig: Rig) -> None:
    assert not await rig.supervisor.stop("shop")


async def test_two_stops_of_one_connector_both_answer(rig: Rig) -> None:
    shop = await rig.started("shop")
    await shop.ask("linger 0.3")
    assert all(await asyncio.gather(rig.supervisor.stop("shop"), rig.supervisor.stop("shop")))


async def test_a_connector_that_ignores_its_stop_is_killed(rig: Rig) -> None:
    shop = await rig.started("shop")
    await shop.ask("ignore")
    assert await rig.supervisor.stop("shop")
    assert (await rig.notices.next(state="STOPPED"))["signal"] == 9


async def test_a_waiting_stop_blocks_no_other_call_and_uses_no_processor_time(start_rig: StartRig) -> None:
    rig = await start_rig(stopwaitsecs="1.5")
    shop = await rig.started("shop")
    await shop.ask("ignore")
    used = _processor_seconds(rig.process.pid)
    stop = asyncio.create_task(rig.supervisor.stop("shop"))
    await shop.events.next(event="TERM")
    assert [program.state for program in await rig.supervisor.list()] == ["STOPPING"]
    assert await stop
    assert _processor_seconds(rig.process.pid) - used < 0.3


async def test_a_stop_right_after_the_start_is_not_lost(start_rig: StartRig) -> None:
    """Between fork and exec a child has supervisord's handlers, which would take the signal."""
    rig = await start_rig(stopwaitsecs="8")
    rig.session("shop")
    calls = [{"methodName": method, "params": ["shop"]} for method in ("motte.start", "motte.stop")]
    for _ in range(10):
        await rig.call("system.multicall", calls)
        assert (await rig.notices.next(state="STOPPED"))["signal"] == signal.SIGTERM


async def test_a_stop_is_completed_if_its_caller_disconnects(rig: Rig) -> None:
    shop = await rig.started("shop")
    await shop.ask("ignore")
    stop = asyncio.create_task(rig.supervisor.stop("shop"))
    await shop.events.next(event="TERM")
    stop.cancel()
    await rig.notices.next(state="STOPPED")
    assert await rig.supervisor.list() == []


async def test_a_stop_during_a_delay_cancels_the_next_start(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60")
    shop = await rig.started("shop")
    shop.order("exit 1")
    await rig.notices.next(state="BACKOFF")
    assert await rig.supervisor.stop("shop")
    assert (await rig.notices.next(id="shop"))["state"] == "STOPPED"
    assert await rig.supervisor.list() == []


async def test_a_stop_removes_a_connector_that_was_stopped_by_hand(rig: Rig) -> None:
    await rig.started("shop")
    await rig.ctl("stop", "connector:shop")
    await rig.notices.next(state="STOPPED")
    assert await rig.supervisor.stop("shop")
    assert await rig.supervisor.list() == []
    assert rig.notices.rest() == []


async def test_a_call_during_a_shutdown_is_answered_with_a_fault(start_rig: StartRig) -> None:
    rig = await start_rig(stopwaitsecs="1")
    shop = await rig.started("shop")
    await shop.ask("ignore")
    rig.process.terminate()
    await shop.events.next(event="TERM")
    for call in (rig.supervisor.start("shop"), rig.supervisor.stop("shop"), rig.supervisor.list()):
        with pytest.raises(SupervisorUnavailable, match="shutting down"):
            await call


def _processor_seconds(pid: int) -> float:
    """What a process has used of a processor so far."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
