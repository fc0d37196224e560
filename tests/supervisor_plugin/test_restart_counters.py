"""`motte.kill`, and how what follows is counted."""

import os
import resource
import signal
import time

import pytest

from server.connectors.supervisor_client import RestartCounts
from server.supervisor_plugin.resident_memory import resident_bytes
from tests.supervisor_plugin.conftest import StartRig
from tests.supervisor_plugin.rig import Rig


async def test_a_stopped_process_that_is_killed_comes_back_as_after_a_crash(rig: Rig) -> None:
    shop = await rig.started("shop")
    os.kill((await rig.supervisor.start("shop")).pid or 0, signal.SIGSTOP)
    assert await rig.supervisor.kill("shop")
    ended = await shop.events.next(event="ended")
    assert (ended["state"], ended["signal"], ended["tries"], ended["deaf"]) == ("BACKOFF", 9, 1, True)
    await shop.events.next(event="up")
    [program] = await rig.supervisor.list()
    assert (program.restarts, program.recycled) == (1, 0)


async def test_a_kill_without_a_connector_returns_false(rig: Rig) -> None:
    assert not await rig.supervisor.kill("shop")


async def test_a_connector_that_waits_for_its_next_start_is_not_killed(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60")
    shop = await rig.started("shop")
    shop.order("exit 1")
    await shop.events.next(event="ended")
    assert not await rig.supervisor.kill("shop")


async def test_a_kill_does_not_interrupt_a_stop(rig: Rig) -> None:
    shop = await rig.started("shop")
    await shop.ask("ignore")
    await rig.call("supervisor.signalProcess", "connector:shop", "TERM")
    await shop.events.next(event="TERM")
    await rig.call("supervisor.stopProcess", "connector:shop", False)
    assert not await rig.supervisor.kill("shop")
    assert (await shop.events.next(event="ended"))["state"] == "STOPPED"


async def test_a_crash_after_a_kill_is_not_reported_as_deaf(rig: Rig) -> None:
    shop = await rig.started("shop")
    await rig.supervisor.kill("shop")
    assert (await shop.events.next(event="ended"))["deaf"] is True
    await shop.events.next(event="up")
    shop.order("exit 1")
    assert (await shop.events.next(event="ended"))["deaf"] is False


async def test_restarts_and_recycles_are_counted_separately_and_a_pairing_is_neither(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order("exit 75", "exit 76", "exit 76", "exit 1")
    for _ in range(4):
        await shop.events.next(event="up")
    [program] = await rig.supervisor.list()
    assert (program.restarts, program.recycled) == (1, 2)


async def test_a_start_after_a_folder_that_could_not_be_written_is_a_restart_and_no_crash(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order("exit 74")
    assert (await shop.events.next(event="ended"))["tries"] == 0
    await shop.events.next(event="up")
    [program] = await rig.supervisor.list()
    assert (program.restarts, program.tries) == (1, 0)


async def test_counters_outlive_the_sleep_of_a_connector_and_the_total_outlives_its_session(rig: Rig) -> None:
    shop = await rig.started("shop")
    await rig.started("cafe")
    shop.order("exit 1", "exit 0")
    await rig.notices.next(state="EXITED")
    assert await rig.supervisor.tallies() == {"shop": RestartCounts(restarts=1)}
    await rig.supervisor.start("shop")
    assert {program.id: program.restarts for program in await rig.supervisor.list()} == {"shop": 1, "cafe": 0}
    await rig.supervisor.stop("shop")
    await rig.supervisor.forget("shop")
    assert await rig.supervisor.tallies() == {}
    assert await rig.supervisor.total() == RestartCounts(restarts=1)
    await rig.supervisor.start("shop")
    assert [program.restarts for program in await rig.supervisor.list()] == [0, 0]


async def test_a_requested_start_after_giving_up_is_not_counted_as_a_restart(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order(*["exit 1"] * 5)
    await shop.events.next(event="ended", state="FATAL")
    await rig.supervisor.start("shop")
    [program] = await rig.supervisor.list()
    assert program.restarts == 4


async def test_the_list_has_the_uptime_and_the_memory_of_a_process(rig: Rig) -> None:
    shop = await rig.started("shop")
    began = time.monotonic()
    [program] = await rig.supervisor.list()
    assert program.uptime is not None
    assert program.memory == pytest.approx(resident_bytes(program.pid or 0), rel=0.2)
    await shop.ask("sleep 0.2")
    [later] = await rig.supervisor.list()
    assert later.uptime is not None
    assert 0.19 < later.uptime - program.uptime < time.monotonic() - began + 0.01


async def test_a_connector_without_a_process_has_no_uptime_and_no_memory(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60")
    shop = await rig.started("shop")
    shop.order("exit 1")
    await shop.events.next(event="ended")
    [program] = await rig.supervisor.list()
    assert (program.pid, program.uptime, program.memory) == (None, None, None)


def test_a_process_that_is_gone_has_no_memory() -> None:
    assert resident_bytes(2**22 + 1) is None
    assert 1 << 20 < (resident_bytes(os.getpid()) or 0) < 1 << 32


async def test_a_process_that_aborts_writes_no_core_file(rig: Rig) -> None:
    await rig.started("shop")
    pid = (await rig.supervisor.start("shop")).pid or 0
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
