"""Sessions whose process or peer falls silent, or dies again and again: each mends itself alone."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from time import monotonic

from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones

BEN = "15557654321"

#: Seconds. Three pings, the kill, the pause after a crash and the login take about twenty.
DEAF = 30.0

#: Seconds that Baileys' keep-alive takes at most, and a login after it.
SILENT = 90.0

#: Seconds: pauses of 1, 2, 4, 8 and 16 between six crashes, and as many starts.
CRASHES = 60.0


async def reached(motte: Motte, session_id: str, status: str, *, within: float) -> None:
    """Return once the session has this status."""

    async def look() -> bool:
        return bool((await motte.look(session_id))["status"] == status)

    await eventually(look, within=within)


async def says_that_it_crashed(motte: Motte, session_id: str, times: int) -> bool:
    """Whether its reason says so, and when the next try is."""
    session = await motte.look(session_id)
    says = f"the session's process crashed {times} times in a row; the next try is at 2"
    assert session["status"] == "disconnected"
    return bool(session["statusReason"]["detail"].startswith(says))


async def kill_again_and_again(motte: Motte, session_id: str, times: int) -> None:
    """Kill so many processes of the session, each as soon as it is there."""
    pid = None
    while times:
        next_pid = (await motte.programs())[session_id].pid
        if next_pid is None or next_pid == pid:
            await asyncio.sleep(0.05)
            continue
        pid = next_pid
        times -= 1
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def test_a_connector_that_is_stopped_is_connected_again_alone(motte: Motte, phones: Phones) -> None:
    await motte.connect("shop", ANN)
    await motte.connect("cafe", BEN)
    cafe = await motte.look("cafe")
    pids = {session_id: await motte.pid(session_id) for session_id in ("shop", "cafe")}
    os.kill(pids["shop"], signal.SIGSTOP)
    stopped = monotonic()
    await reached(motte, "shop", "disconnected", within=DEAF)
    assert (await motte.look("shop"))["statusReason"]["code"] == "connector-deaf"
    noticed = monotonic() - stopped
    await reached(motte, "shop", "connected", within=DEAF)
    mended = monotonic() - stopped
    sys.stdout.write(f"stopped: noticed after {noticed:.1f} s, connected after {mended:.1f} s\n")
    assert mended < DEAF
    shown = (await motte.ask("GET", "/connectors")).body["items"]
    assert {item["id"]: item["restarts"] for item in shown} == {"shop": 1, "cafe": 0}
    assert await motte.pid("cafe") == pids["cafe"]
    assert await motte.look("cafe") == cafe


async def test_a_peer_that_falls_silent_is_left_and_found_again(motte: Motte, phones: Phones) -> None:
    await motte.connect("frozen", ANN)
    await motte.connect("unanswered", BEN)
    pids = {session_id: await motte.pid(session_id) for session_id in ("frozen", "unanswered")}
    await phones.freeze(ANN)
    await phones.misbehave(noPong=True)
    silent = monotonic()
    for session_id in pids:
        await reached(motte, session_id, "disconnected", within=SILENT)
        sys.stdout.write(f"{session_id}: given up after {monotonic() - silent:.1f} s or less\n")
    await phones.misbehave()
    for session_id, pid in pids.items():
        await reached(motte, session_id, "connected", within=SILENT)
        assert await motte.pid(session_id) == pid
        assert (await motte.connector(session_id))["restarts"] == 0


async def test_a_linked_session_whose_process_dies_again_and_again_is_never_given_up_and_disturbs_nobody(
    motte: Motte, phones: Phones
) -> None:
    for session_id, phone in (("killed", ANN), ("cafe", BEN)):
        await motte.connect(session_id, phone)
    cafe = (await motte.look("cafe"), await motte.pid("cafe"))
    async with asyncio.timeout(CRASHES):
        await kill_again_and_again(motte, "killed", 6)
    await eventually(lambda: says_that_it_crashed(motte, "killed", 6), within=5)
    described = await motte.connector("killed")
    assert (described["state"], described["pid"], described["restarts"]) == ("backoff", None, 5)
    assert (await motte.look("cafe"), await motte.pid("cafe")) == cafe
    await motte.tell("killed", "restart")
    await motte.until("connected", "killed")


async def test_a_session_that_is_not_linked_is_given_up_after_five_crashes(motte: Motte) -> None:
    await motte.post("shop")
    async with asyncio.timeout(CRASHES):
        await kill_again_and_again(motte, "shop", 5)
    await reached(motte, "shop", "failed", within=5)
    assert (await motte.look("shop"))["statusReason"]["code"] == "connector-unavailable"
