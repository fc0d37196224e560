"""Sessions whose process or peer falls silent, or dies again and again: each mends itself alone, or says why not."""

import os
import signal
import sys
from contextlib import suppress
from time import monotonic

from tests.end_to_end.motte import Motte
from tests.end_to_end.patience import eventually
from tests.end_to_end.whatsapp import ANN, Phones

BEN = "15557654321"
CLEO = "15550001111"

#: Seconds. Three pings, the kill, the pause after a crash and the login take about twenty.
DEAF = 30.0

#: Seconds that Baileys' keep-alive takes at most, and a login after it.
SILENT = 90.0

#: Seconds: pauses of 1, 2, 4 and 8 between five crashes, and as many starts.
CRASHES = 60.0


async def status(motte: Motte, session_id: str, wanted: str) -> bool:
    return bool((await motte.look(session_id))["status"] == wanted)


async def test_a_connector_that_is_stopped_is_connected_again_alone(motte: Motte, phones: Phones) -> None:
    await motte.connect("shop", ANN)
    await motte.connect("cafe", BEN)
    cafe = await motte.look("cafe")
    pids = {session_id: await motte.pid(session_id) for session_id in ("shop", "cafe")}
    os.kill(pids["shop"], signal.SIGSTOP)
    stopped = monotonic()
    await eventually(lambda: status(motte, "shop", "disconnected"), within=DEAF)
    assert (await motte.look("shop"))["statusReason"]["code"] == "connector-deaf"
    noticed = monotonic() - stopped
    await eventually(lambda: status(motte, "shop", "connected"), within=DEAF)
    sys.stdout.write(
        f"stopped: noticed after {noticed:.1f} s, connected after {monotonic() - stopped:.1f} s\n"
    )
    assert monotonic() - stopped < DEAF
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
        await eventually(
            lambda session_id=session_id: status(motte, session_id, "disconnected"), within=SILENT
        )  # type: ignore[misc]
        sys.stdout.write(f"{session_id}: given up after {monotonic() - silent:.1f} s or less\n")
    await phones.misbehave()
    for session_id, pid in pids.items():
        await eventually(lambda session_id=session_id: status(motte, session_id, "connected"), within=SILENT)  # type: ignore[misc]
        assert await motte.pid(session_id) == pid
        assert (await motte.connector(session_id))["restarts"] == 0


async def test_connectors_that_crash_again_and_again_are_given_up_and_disturb_nobody(
    motte: Motte, phones: Phones
) -> None:
    for session_id, phone in (("killed", ANN), ("broken", BEN), ("cafe", CLEO)):
        await motte.connect(session_id, phone)
    cafe = (await motte.look("cafe"), await motte.pid("cafe"))
    (motte.folder.session("broken").path / "connector.db").write_bytes(b"this is no database" * 1000)
    await motte.kill("broken")
    pid = 0
    while not await status(motte, "killed", "failed"):
        program = (await motte.programs())["killed"]
        if program.pid not in (None, pid):
            pid = program.pid or 0
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    for session_id in ("killed", "broken"):
        await eventually(lambda session_id=session_id: status(motte, session_id, "failed"), within=CRASHES)  # type: ignore[misc]
        assert (await motte.look(session_id))["statusReason"] == {
            "code": "connector-unavailable",
            "detail": "the connector crashed 5 times in a row",
        }
        described = await motte.connector(session_id)
        assert (described["state"], described["pid"], described["restarts"]) == ("fatal", None, 4)
    assert (await motte.look("cafe"), await motte.pid("cafe")) == cafe
    await motte.tell("killed", "stop")
    await motte.tell("killed", "start")
    await motte.until("connected", "killed")
