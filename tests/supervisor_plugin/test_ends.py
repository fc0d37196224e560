"""What follows if a connector's process ends by itself."""

import os
import signal
import time

import pytest

from server.supervisor_plugin.restart_policy import MAX_IMMEDIATE_RESTARTS, MAX_REQUESTED_RESTARTS
from tests.supervisor_plugin.conftest import StartRig
from tests.supervisor_plugin.rig import Rig, gone
from tests.support.credentials import leave_credentials

#: Closes the pipe whose end would report its exit to supervisord, writes an event, and sleeps.
HUSHED = """/bin/sh -c 'exec 2>/dev/null
    echo "{\\"event\\": \\"hushed\\"}" >"$MOTTE_STATE/sessions/shop/events.fifo"; exec sleep 1000'"""


async def test_exit_0_is_sleep_and_removes_the_connector_from_the_group(rig: Rig) -> None:
    shop = await rig.started("shop")
    shop.order("exit 0")
    assert (await rig.notices.next(state="EXITED"))["exit"] == 0
    assert await rig.supervisor.list() == []
    await rig.supervisor.start("shop")
    await shop.events.next(event="up")


async def test_exit_75_starts_it_again_at_once_and_counts_no_crash(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60", startsecs="60")
    shop = await rig.started("shop")
    shop.order("exit 75")
    await shop.events.next(event="up")
    [program] = await rig.supervisor.list()
    assert (program.state, program.tries) == ("STARTING", 0)
    assert {notice["state"] for notice in rig.notices.rest()} == {"STARTING"}


async def test_exit_75_in_a_loop_leads_to_a_delay(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="60")
    shop = await rig.started("shop")
    shop.order(*["exit 75"] * (MAX_REQUESTED_RESTARTS + 1))
    notice = await rig.notices.next(state="BACKOFF")
    assert (notice["exit"], notice["tries"]) == (75, 1)


async def test_a_crash_is_retried_with_growing_delays_until_the_connector_is_given_up(rig: Rig) -> None:
    shop = await rig.started("shop")
    await rig.notices.next(state="RUNNING")
    shop.order(*["exit 1"] * 5)
    backoffs = [await rig.notices.next(state="BACKOFF") for _ in range(4)]
    assert [notice["tries"] for notice in backoffs] == [1, 2, 3, 4]
    assert [notice["retryIn"] for notice in backoffs] == pytest.approx([0.05, 0.1, 0.2, 0.4], abs=0.02)
    final = await rig.notices.next(state="FATAL")
    assert (final["tries"], final["exit"], final["retryIn"]) == (5, 1, None)
    assert [program.state for program in await rig.supervisor.list()] == ["FATAL"]


@pytest.mark.parametrize("order", ["exit 1", "exit 75"])
async def test_a_linked_connector_is_never_given_up(start_rig: StartRig, order: str) -> None:
    rig = await start_rig(first_delay="0.02", longest_delay="0.05", tries="2")
    shop = await rig.started("shop")
    leave_credentials(rig.folder.session("shop").path, linked=True)
    shop.order(*[order] * (MAX_REQUESTED_RESTARTS + 8))
    assert (await rig.notices.next(state="BACKOFF", tries=4))["retryIn"] == pytest.approx(0.05, abs=0.02)
    assert "FATAL" not in {notice["state"] for notice in rig.notices.rest()}


async def test_a_linked_connector_that_cannot_be_started_is_not_given_up(
    start_rig: StartRig,
) -> None:
    rig = await start_rig(
        connector_command="/no/node main.js", first_delay="0.02", longest_delay="0.05", tries="2"
    )
    leave_credentials(rig.folder.session(rig.session("shop").id).path, linked=True)
    await rig.supervisor.start("shop")
    await rig.notices.next(state="BACKOFF", tries=4)


async def test_a_connector_that_waits_for_its_next_start_can_be_stopped_and_started(
    start_rig: StartRig,
) -> None:
    rig = await start_rig(first_delay="60", longest_delay="300", tries="1")
    shop = await rig.started("shop")
    leave_credentials(rig.folder.session("shop").path, linked=True)
    shop.order("exit 1")
    await rig.notices.next(state="BACKOFF")
    assert await rig.supervisor.stop("shop")
    program = await rig.supervisor.start("shop")
    await shop.events.next(event="up")
    assert program.tries == 0


async def test_the_next_start_is_not_late(start_rig: StartRig) -> None:
    rig = await start_rig(first_delay="0.5")
    shop = await rig.started("shop")
    shop.order("exit 1")
    await rig.notices.next(state="BACKOFF")
    crashed = time.monotonic()
    await rig.notices.next(state="STARTING")
    assert time.monotonic() - crashed < 0.9


async def test_a_connector_that_was_steady_is_started_again_without_its_delay(start_rig: StartRig) -> None:
    rig = await start_rig(steady_after="0.001", first_delay="300", longest_delay="300", tries="99")
    shop = await rig.started("shop")
    for tries in range(1, MAX_IMMEDIATE_RESTARTS + 1):
        shop.order("exit 1")
        assert (await rig.notices.next(state="BACKOFF", tries=tries))["retryIn"] == 0
        await shop.events.next(event="up")
    shop.order("exit 1")
    notice = await rig.notices.next(state="BACKOFF", tries=MAX_IMMEDIATE_RESTARTS + 1)
    assert notice["retryIn"] == pytest.approx(300, abs=5)


async def test_a_crash_after_a_healthy_time_counts_as_the_first(start_rig: StartRig) -> None:
    rig = await start_rig(healthy_after="1.5")
    shop = await rig.started("shop")
    shop.order("exit 1", "exit 1")
    await rig.notices.next(state="BACKOFF", tries=2)
    up = await rig.notices.next(state="RUNNING")
    await shop.ask("sleep 1.5")
    os.kill(up["pid"], signal.SIGSEGV)
    notice = await rig.notices.next(state="BACKOFF")
    assert (notice["tries"], notice["signal"], notice["exit"]) == (1, signal.SIGSEGV, None)


async def test_an_exit_is_noticed_in_milliseconds(start_rig: StartRig) -> None:
    """Stock supervisord looks for dead children once a second, and when a pipe of theirs ends."""
    rig = await start_rig(first_delay="0.001", tries="99", startsecs="60")
    shop = await rig.started("shop")
    began = time.monotonic()
    for _ in range(10):
        shop.order("hush", "exit 1")
        await rig.notices.next(state="BACKOFF")
        await shop.events.next(event="up")
    assert time.monotonic() - began < 5  # starts included; stock needs twice that at least


async def test_two_hundred_and_fifty_simultaneous_exits_are_all_noticed(start_rig: StartRig) -> None:
    """Stock supervisord reaps a hundred in one go."""
    rig = await start_rig(connector_command=HUSHED, first_delay="60", startsecs="60")
    shop = rig.session("shop")
    ids = [f"shop-{number}" for number in range(250)]
    pids = [(await rig.supervisor.start(session_id)).pid for session_id in ids]
    for _ in ids:
        await shop.events.next(event="hushed")
    rig.process.send_signal(signal.SIGSTOP)
    for pid in filter(None, pids):
        os.kill(pid, signal.SIGKILL)
        await gone(pid)
    rig.process.send_signal(signal.SIGCONT)
    began = time.monotonic()
    seen = {(await rig.notices.next(state="BACKOFF"))["id"] for _ in ids}
    assert seen == set(ids)
    assert time.monotonic() - began < 1
