"""`motte.kill`, and how what follows is counted."""

import os
import resource
import signal
import time

import pytest

from server.connectors.supervisor_client import RestartCounts
from server.supervisor_plugin.rss import resident
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


async def test_a_kill_of_nobody_says_so(rig: Rig) -> None:
    assert not await rig.supervisor.kill("shop")


async def test_one_that_waits_for_its_next_try_is_not_killed(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60")
    shop = await rig.started("shop")
    shop.order("exit 1")
    await shop.events.next(event="ended")
    assert not await rig.supervisor.kill("shop")


async def test_one_that_is_being_stopped_is_left_to_its_stop(rig: Rig) -> None:
    shop = await rig.started("shop")
    await shop.ask("ignore")
    await rig.call("supervisor.signalProcess", "connector:shop", "TERM")
    await shop.events.next(event="TERM")
    await rig.call("supervisor.stopProcess", "connector:shop", False)
    assert not await rig.supervisor.kill("shop")
    assert (await shop.events.next(event="ended"))["state"] == "STOPPED"


async def test_a_crash_of_its_own_is_not_called_deaf(rig: Rig) -> None:
    shop = await rig.started("shop")
    await rig.supervisor.kill("shop")
    assert (await shop.events.next(event="ended"))["deaf"] is True
    await shop.events.next(event="up")
    shop.order("exit 1")
    assert (await shop.events.next(event="ended"))["deaf"] is False


async def test_restarts_and_recyclings_are_counted_apart_and_a_pairing_is_neither(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order("exit 75", "exit 76", "exit 76", "exit 1")
    for _ in range(4):
        await shop.events.next(event="up")
    [program] = await rig.supervisor.list()
    assert (program.restarts, program.recycled) == (1, 2)


async def test_a_tally_outlives_the_sleep_of_its_connector_and_the_total_its_session(rig: Rig) -> None:
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


async def test_one_that_was_given_up_and_is_asked_for_was_not_started_again_by_itself(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order(*["exit 1"] * 5)
    await shop.events.next(event="ended", state="FATAL")
    await rig.supervisor.start("shop")
    [program] = await rig.supervisor.list()
    assert program.restarts == 4


async def test_the_list_says_how_long_a_process_runs_and_how_much_memory_it_has(rig: Rig) -> None:
    shop = await rig.started("shop")
    began = time.monotonic()
    [program] = await rig.supervisor.list()
    assert program.uptime is not None
    assert program.memory == pytest.approx(resident(program.pid or 0), rel=0.2)
    await shop.ask("sleep 0.2")
    [later] = await rig.supervisor.list()
    assert later.uptime is not None
    assert 0.19 < later.uptime - program.uptime < time.monotonic() - began + 0.01


async def test_one_without_a_process_has_neither(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60")
    shop = await rig.started("shop")
    shop.order("exit 1")
    await shop.events.next(event="ended")
    [program] = await rig.supervisor.list()
    assert (program.pid, program.uptime, program.memory) == (None, None, None)


def test_a_process_that_is_gone_has_no_memory() -> None:
    assert resident(2**22 + 1) is None
    assert 1 << 20 < (resident(os.getpid()) or 0) < 1 << 32


async def test_a_process_that_aborts_leaves_no_memory_on_the_disk(rig: Rig) -> None:
    await rig.started("shop")
    pid = (await rig.supervisor.start("shop")).pid or 0
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
