"""What follows when the front cannot be kept running."""

import asyncio

from server.supervisor_plugin.front import GIVEN_UP
from tests.supervisor_plugin.conftest import NewRig
from tests.supervisor_plugin.rig import PATIENCE, Rig
from tests.support.eventually import eventually

#: Ends with its start, whenever it is started again.
BROKEN = "/bin/sh -c 'exit 1'"

#: Is up, and ends with its start from the second one on.
BREAKING = """/bin/sh -c 'test -e "$MOTTE_STATE/once" && exit 1
    touch "$MOTTE_STATE/once"; echo front is up; exec sleep 1000'"""


def stopped(rig: Rig) -> list[str]:
    """The programs that were told to stop, in that order."""
    log = (rig.folder.logs / "supervisord.log").read_text()
    return [line.split("stopped: ")[1].split()[0] for line in log.splitlines() if "stopped: " in line]


async def ended(rig: Rig) -> int | None:
    return await asyncio.wait_for(rig.process.wait(), PATIENCE)


async def test_everything_stops_in_order_with_an_exit_code_that_says_so(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.configure("program:front", command=BREAKING, startretries="0")
    await rig.start()
    await rig.started("shop")
    await rig.ctl("signal", "KILL", "front")
    assert "the front cannot be kept running" in await rig.shown("CRIT")
    assert await ended(rig) == GIVEN_UP
    assert stopped(rig) == ["shop", "sandbox"]
    assert list(rig.running()) == []
    assert not rig.folder.supervisor_socket.exists()


async def test_a_front_that_never_comes_up_ends_it_too(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.configure("program:front", command=BROKEN, startretries="0")
    await rig.launch(stdout=asyncio.subprocess.DEVNULL)
    assert await ended(rig) == GIVEN_UP


async def test_a_front_that_ends_again_and_again_a_little_later_ends_it_too(new_rig: NewRig) -> None:
    """Stock supervisord starts it for ever."""
    rig = new_rig()
    rig.configure("program:front", command=BROKEN, startsecs="0", startretries="3")
    await rig.launch(stdout=asyncio.subprocess.DEVNULL)
    assert await ended(rig) == GIVEN_UP
    log = (rig.folder.logs / "supervisord.log").read_text()
    assert log.count("spawned: 'front'") == 4


async def test_a_front_that_cannot_even_be_started_ends_it_too(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.configure("program:front", command="/no/python -m server front", startretries="0")
    await rig.launch(stdout=asyncio.subprocess.DEVNULL)
    assert await ended(rig) == GIVEN_UP


async def test_a_stop_while_it_waits_for_its_next_try_is_a_good_end(new_rig: NewRig) -> None:
    rig = new_rig()
    rig.configure("program:front", command=BROKEN)
    await rig.launch(stdout=asyncio.subprocess.DEVNULL)
    await eventually(lambda: is_backing_off(rig))
    rig.process.terminate()
    assert await ended(rig) == 0


async def is_backing_off(rig: Rig) -> bool:
    log = rig.folder.logs / "supervisord.log"
    return log.exists() and "exited: front" in log.read_text()


async def test_a_front_that_is_killed_once_is_started_again_and_nothing_stops(rig: Rig) -> None:
    await rig.ctl("signal", "KILL", "front")
    await rig.shown("front is up")
    assert stopped(rig) == []


async def test_a_front_that_an_operator_stops_stays_stopped_and_the_end_is_a_good_one(rig: Rig) -> None:
    await rig.ctl("stop", "front")
    assert "STOPPED" in await rig.ctl("status", "front")
    rig.process.terminate()
    assert await ended(rig) == 0
