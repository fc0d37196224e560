"""Outages with thirty open sessions: one connector is killed, and everything is restarted."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.bare import first_code
from bench.baseline_checks import check_speed
from bench.in_process import IN_PROCESS
from bench.mortal import MortalInProcess
from bench.pairing import paired, shown
from bench.rows import Row, Samples
from bench.stage import Stage, opened
from server.core.clock import SystemClock, iso
from tests.capacity.crowd import Crowd
from tests.support.eventually import eventually
from tests.support.moments import moment

TIME: dict[str, Any] = {"unit": "ms", "direction": "at-most"}

ROWS = (
    Row(
        name="kill-until-open",
        what="one of 30 connectors is killed, until its session is open again",
        goal=0.25,
        against=IN_PROCESS,
        **TIME,
    ),
    Row(
        name="kill-others",
        what="links of the other sessions that break",
        unit="links",
        direction="at-most",
        goal=0,
    ),
    Row(
        name="kill-fourth",
        what="the fourth kill of a healthy session within a minute, until it is open",
        goal=3,
        against="the first",
        **TIME,
    ),
    Row(
        name="restart-30",
        what="restart of everything, until 30 sessions are open",
        goal=3.5,
        against=IN_PROCESS,
        **TIME,
    ),
)

BUDGET = 125

SESSIONS = 30

#: How many of them are killed, how often each within a minute, and how often everything is restarted.
KILLED, KILLS, RESTARTS = 3, 4, 3

#: Seconds after its start at which a connector is healthy: supervisord.conf has 5.
HEALTHY = 5.3


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    phones = {f"session-{number}": f"1556{number:07}" for number in range(SESSIONS)}
    with TemporaryDirectory() as folder:
        async with opened() as stage, MortalInProcess.paired(stage, Path(folder), phones) as gateway:
            ids = await paired(stage, await shown(stage, 0, SESSIONS))
            bare = [
                *await _kills(stage, gateway, samples, ids),
                *await _restarts(stage, gateway, samples, ids),
            ]
    for name, row in (("in-process kill", "kill-until-open"), ("in-process restart of 30", "restart-30")):
        samples.checks.append(check_speed(name, samples.baseline(row), bare=median(bare)))


async def _kills(stage: Stage, gateway: MortalInProcess, samples: Samples, ids: Sequence[str]) -> list[float]:
    """Kills some, by turns with the baseline. Returns what bare scripts took meanwhile, in milliseconds."""
    killed, others = ids[:KILLED], ids[KILLED:]
    bare = []
    before = await _connections(stage, others)
    for number in range(KILLS):
        await asyncio.sleep(HEALTHY)
        for session_id in killed:
            span = await kill(stage, session_id)
            if number == 0:
                samples.add_baseline("kill-fourth", span)
            samples.add("kill-until-open" if number < KILLS - 1 else "kill-fourth", span)
        samples.add_baseline("kill-until-open", await gateway.kill())
        bare.append(await first_code(stage))
    after = await _connections(stage, others)
    samples.add("kill-others", sum(before[session_id] != after[session_id] for session_id in others))
    return bare


async def _restarts(
    stage: Stage, gateway: MortalInProcess, samples: Samples, ids: Sequence[str]
) -> list[float]:
    """Restarts everything, by turns with the baseline. Returns what bare scripts took meanwhile."""
    bare = []
    for _ in range(RESTARTS):
        samples.add("restart-30", await restart(stage, ids))
        await stage.rests()
        samples.add_baseline("restart-30", await gateway.kill())
        bare.append(await first_code(stage))
    return bare


async def _connections(stage: Stage, ids: Sequence[str]) -> dict[str, str]:
    """Returns since when these sessions are connected."""
    return {session_id: str((await stage.motte.look(session_id))["connectedAt"]) for session_id in ids}


async def kill(stage: Stage, session_id: str) -> float:
    """Kills the connector of a session. Returns the milliseconds until the session is open again."""
    before = (await stage.motte.look(session_id))["connectedAt"]

    async def is_open() -> bool:
        session = await stage.motte.look(session_id)
        return bool(session["status"] == "connected" and session["connectedAt"] != before)

    await stage.motte.kill(session_id)
    begun = perf_counter()
    await eventually(is_open, within=60, every=0.005)
    return (perf_counter() - begun) * 1000


async def restart(stage: Stage, ids: Sequence[str]) -> float:
    """Stops everything. Returns the milliseconds from the start of `motte serve` until these are open."""
    await asyncio.to_thread(stage.serve.stop)
    since = iso(SystemClock().wall())
    await stage.motte.ready()
    await Crowd(stage.motte, len(ids)).connected(since=since)
    listed = (await stage.motte.ask("GET", "/sessions", params={"limit": "200"})).body["items"]
    last = max(moment(session["connectedAt"]) for session in listed if session["id"] in ids)
    return (last - moment(since)) * 1000
