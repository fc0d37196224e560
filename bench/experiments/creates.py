"""Creates: one, twenty at once, and reads of another session while fifty are created."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.baseline import Baseline
from bench.in_process import IN_PROCESS, InProcess
from bench.rows import BaselineCheck, Row, Samples
from bench.stage import Stage, opened

BARE = "bare_qr.mjs, a script that imports Baileys and prints its first QR"

TIME: dict[str, Any] = {"unit": "ms", "direction": "at-most"}

ROWS = (
    Row(
        name="create-warm",
        what="create to 201 with a QR, as a new installation does it",
        goal=1,
        against=IN_PROCESS,
        **TIME,
    ),
    Row(name="create-cold", what="the same without a warm spare", goal=0.5, against=BARE, **TIME),
    Row(name="creates-20", what="20 creates at once, until the last 201", goal=3, against=IN_PROCESS, **TIME),
    Row(
        name="get-while-creating",
        what="worst GET of another session while 50 are created",
        goal=0.1,
        against=IN_PROCESS,
        **TIME,
    ),
)

ONE_BY_ONE, AT_ONCE_ROUNDS = 9, 3

#: Seconds between two reads of the other session.
PAUSE = 0.005

#: The in-process create was 27 to 42 ms when a bare one was 340 to 416 ms.
IN_PROCESS_TO_BARE = 42 / 340

Create = Callable[[str], Awaitable[object]]


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    with TemporaryDirectory() as folder:
        async with opened() as stage, InProcess.started(stage, Path(folder)) as gateway:
            ours: list[float] = []
            bare: list[float] = []
            for _ in range(ONE_BY_ONE):
                ours.append(await _one(stage, gateway, samples))
                bare.append(await _bare(stage))
                samples.add_baseline("create-cold", bare[-1])
            in_process = samples.baseline("create-warm")
            samples.checks.append(
                BaselineCheck(
                    name="in-process create / bare create",
                    ratio=in_process / sorted(bare)[len(bare) // 2],
                    most=1.2 * IN_PROCESS_TO_BARE,
                )
            )
            for _ in range(AT_ONCE_ROUNDS):
                samples.add("creates-20", await _at_once(20, stage.motte.create, stage.motte.delete))
                samples.add_baseline("creates-20", await _at_once(20, gateway.create, gateway.delete))
            await stage.motte.create("other")
            await gateway.create("other")
            samples.add("get-while-creating", await _worst(stage.motte.read, stage.motte.create))
            await stage.motte.clear()
            samples.add_baseline("get-while-creating", await _worst(gateway.get, gateway.create))


async def _one(stage: Stage, gateway: InProcess, samples: Samples) -> float:
    span = await _timed(stage.motte.create("shop"))
    samples.add("create-warm", span)
    samples.add("create-cold", span)
    await stage.motte.delete("shop")
    samples.add_baseline("create-warm", await _timed(gateway.create("shop")))
    await gateway.delete("shop")
    return span


async def _bare(stage: Stage) -> float:
    url, root_key = (stage.sandbox.settings[f"MOTTE_WHATSAPP_{name}"] for name in ("URL", "ROOT_KEY"))
    begun = perf_counter()
    async with Baseline.started("bare_qr.mjs", url, root_key) as baseline:
        await baseline.until("qr")
        return (perf_counter() - begun) * 1000


async def _timed(work: Awaitable[object]) -> float:
    begun = perf_counter()
    await work
    return (perf_counter() - begun) * 1000


async def _at_once(number: int, create: Create, delete: Create) -> float:
    names = [f"at-once-{index}" for index in range(number)]
    span = await _timed(asyncio.gather(*(create(name) for name in names)))
    for name in names:
        await delete(name)
    return span


async def _worst(read: Create, create: Create) -> float:
    """Returns the milliseconds of the slowest read of another session while fifty are created."""
    creating = asyncio.gather(*(create(f"many-{index}") for index in range(50)))
    spans = []
    while not creating.done():
        spans.append(await _timed(read("other")))
        await asyncio.sleep(PAUSE)
    await creating
    return max(spans)
