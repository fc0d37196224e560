"""What follows if the front cannot be kept running."""

import asyncio
import json
import resource
from asyncio.subprocess import PIPE
from pathlib import Path

from server.supervisor_plugin.early_front import VARIABLE
from server.supervisor_plugin.front import GIVEN_UP_EXIT_CODE
from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import Rig
from tests.supervisor_plugin.sessions import TEST_TIMEOUT_SECONDS
from tests.support.eventually import eventually

#: Exits at once after each start.
BROKEN = "/bin/sh -c 'exit 1'"

#: Runs after its first start; exits at once after each later start.
BREAKING = """/bin/sh -c 'test -e "$MOTTE_STATE/once" && exit 1
    touch "$MOTTE_STATE/once"; echo front is up; exec sleep 1000'"""


def stopped(rig: Rig) -> list[str]:
    """The programs that were told to stop, in that order."""
    log = (rig.folder.logs / "supervisord.log").read_text()
    return [line.split("stopped: ")[1].split()[0] for line in log.splitlines() if "stopped: " in line]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


async def ended(rig: Rig) -> int | None:
    return await asyncio.wait_for(rig.process.wait(), TEST_TIMEOUT_SECONDS)


async def test_everything_stops_in_order_with_an_exit_code_of_its_own(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.configure("program:front", command=BREAKING, startretries="0")
    await rig.start()
    await rig.started("shop")
    await rig.ctl("signal", "KILL", "front")
    assert "the front cannot be kept running" in await rig.shown("CRIT")
    assert await ended(rig) == GIVEN_UP_EXIT_CODE
    assert stopped(rig) == ["shop", "sandbox"]
    assert list(rig.running()) == []
    assert not rig.folder.supervisor_socket.exists()


async def test_supervisord_ends_if_the_front_never_starts(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.configure("program:front", command=BROKEN, startretries="0")
    await rig.launch(stdout=asyncio.subprocess.DEVNULL)
    assert await ended(rig) == GIVEN_UP_EXIT_CODE


async def test_supervisord_ends_if_the_front_exits_again_and_again_after_its_start(new_rig: NewRig) -> None:
    """Stock supervisord would start it again for ever."""
    rig = new_rig()
    rig.configure("program:front", command=BROKEN, startsecs="0", startretries="3")
    await rig.launch(stdout=asyncio.subprocess.DEVNULL)
    assert await ended(rig) == GIVEN_UP_EXIT_CODE
    log = (rig.folder.logs / "supervisord.log").read_text()
    assert log.count("spawned: 'front'") == 4


async def test_supervisord_ends_if_the_fronts_program_is_missing(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.configure("program:front", command="/no/python -m server front", startretries="0")
    await rig.launch(stdout=asyncio.subprocess.DEVNULL)
    assert await ended(rig) == GIVEN_UP_EXIT_CODE


async def test_a_stop_while_the_front_waits_for_its_next_start_exits_with_0(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.configure("program:front", command=BROKEN)
    await rig.launch(stdout=asyncio.subprocess.DEVNULL)
    await eventually(lambda: is_backing_off(rig))
    rig.process.terminate()
    assert await ended(rig) == 0


async def is_backing_off(rig: Rig) -> bool:
    log = rig.folder.logs / "supervisord.log"
    return log.exists() and "exited: front" in log.read_text()


async def test_a_front_that_is_killed_is_started_again_and_nothing_stops(rig: Rig) -> None:
    await rig.ctl("signal", "KILL", "front")
    await rig.shown("front is up")
    assert stopped(rig) == []


async def test_a_front_that_is_killed_again_and_again_after_its_start_is_never_given_up(
    new_rig: NewRig,
) -> None:
    """Its own exits count; here the first one would be the last."""
    rig = new_rig()
    rig.configure("program:front", startsecs="0", startretries="0")
    await rig.start()
    for _ in range(3):
        await rig.ctl("signal", "KILL", "front")
        await rig.shown("front is up")
    assert stopped(rig) == []


async def test_a_front_that_an_operator_stops_stays_stopped_and_supervisord_exits_with_0(rig: Rig) -> None:
    await rig.ctl("stop", "front")
    assert "STOPPED" in await rig.ctl("status", "front")
    rig.process.terminate()
    assert await ended(rig) == 0


async def test_a_front_that_was_started_before_supervisord_is_taken_over(new_rig: NewRig) -> None:
    rig = new_rig()
    waits = 'read -r line; echo "$line" > "$MOTTE_STATE/order"; echo front is up; exec cat'
    await rig.launch(stdout=PIPE, early=waits)
    await rig.shown("front is up")
    pid = int(await rig.ctl("pid", "front"))
    assert command_of(pid) == "cat\0"
    order = json.loads((rig.folder.path / "order").read_text())
    assert order["MOTTE_STATE"] == str(rig.folder.path)
    assert order.keys() & {"MOTTE_API_KEY", VARIABLE} == set()
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    assert await rig.ctl("restart", "front") == "front: stopped\nfront: started\n"
    await rig.shown("front is up")
    assert command_of(int(await rig.ctl("pid", "front"))) != "cat\0"


async def test_for_a_front_that_has_ended_before_supervisord_another_one_is_started_at_once(
    new_rig: NewRig,
) -> None:
    rig = new_rig()
    await rig.launch(stdout=PIPE, early="exit 1")
    await rig.shown("front is up")
    log = (rig.folder.logs / "supervisord.log").read_text()
    assert log.count("spawned: 'front'") == 1
