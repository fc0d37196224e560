"""Kills of one connector: until its session is open again, and what others notice."""

import asyncio
from contextlib import AsyncExitStack
from os import kill
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.in_process import IN_PROCESS, WRITTEN, InProcess
from bench.rows import Row, Samples
from bench.stage import Stage, opened
from tests.support.eventually import eventually

TIME: dict[str, Any] = {"unit": "ms", "direction": "at-most"}

ROWS = (
    Row(
        name="kill-until-open",
        what="a connector is killed, until its session is open again",
        goal=0.25,
        against=IN_PROCESS,
        **TIME,
    ),
    Row(
        name="kill-others",
        what="links of other sessions that break",
        unit="links",
        direction="at-most",
        goal=0,
    ),
    Row(
        name="kill-fourth",
        what="the fourth kill of a session within a minute, until it is open",
        goal=3,
        against="the first",
        **TIME,
    ),
)

ROUNDS, KILLS = 3, 4

OTHERS = ("other-0", "other-1")


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    with TemporaryDirectory() as folder:
        async with opened() as stage:
            for number, name in enumerate(OTHERS):
                await stage.motte.connect(name, f"1555100000{number}")
            before = await _connections(stage)
            for number in range(ROUNDS):
                await _kill_often(stage, f"shop-{number}", f"1555200000{number}", samples)
            await _pair_in_process(stage, Path(folder))
            for _ in range(ROUNDS):
                samples.add_baseline("kill-until-open", await _kill_in_process(stage, Path(folder)))
            after = await _connections(stage)
            samples.add("kill-others", sum(before[name] != after[name] for name in OTHERS))


async def _connections(stage: Stage) -> dict[str, str]:
    """Returns since when the other sessions are connected."""
    return {name: str((await stage.motte.look(name))["connectedAt"]) for name in OTHERS}


async def _kill_often(stage: Stage, name: str, phone: str, samples: Samples) -> None:
    await stage.motte.connect(name, phone)
    spans = [await _kill(stage, name) for _ in range(KILLS)]
    samples.add("kill-until-open", spans[0])
    samples.add_baseline("kill-fourth", spans[0])
    samples.add("kill-fourth", spans[-1])
    await stage.motte.delete(name)


async def _kill(stage: Stage, name: str) -> float:
    before = (await stage.motte.look(name))["connectedAt"]

    async def is_open() -> bool:
        session = await stage.motte.look(name)
        return bool(session["status"] == "connected" and session["connectedAt"] != before)

    await stage.motte.kill(name)
    begun = perf_counter()
    await eventually(is_open, within=60, every=0.005)
    return (perf_counter() - begun) * 1000


async def _pair_in_process(stage: Stage, folder: Path) -> None:
    async with InProcess.started(stage, folder) as gateway:
        for number, name in enumerate(("shop", *OTHERS)):
            await stage.phones.scan((await gateway.create(name))["qrCode"], f"1555300000{number}")
        await gateway.connected("shop", *OTHERS)
        await asyncio.sleep(WRITTEN)


async def _kill_in_process(stage: Stage, folder: Path) -> float:
    """The process is killed, and started again at once: until all of its sessions are open."""
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(InProcess.started(stage, folder))
        await gateway.connected("shop", *OTHERS)
        await asyncio.sleep(WRITTEN)
        begun = perf_counter()
        kill(gateway.pid, SIGKILL)
        again = await stack.enter_async_context(InProcess.started(stage, folder))
        await again.connected("shop", *OTHERS)
        return (perf_counter() - begun) * 1000
