"""Many creates at once: twenty, and reads of another session while there are fifty."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.bare import first_code
from bench.baseline_checks import check_speed
from bench.in_process import IN_PROCESS, InProcess
from bench.rows import Row, Samples
from bench.stage import opened
from bench.timing import timed

TIME: dict[str, Any] = {"unit": "ms", "direction": "at-most"}

ROWS = (
    Row(name="creates-20", what="20 creates at once, until the last 201", goal=3, against=IN_PROCESS, **TIME),
    Row(
        name="get-while-creating",
        what="worst GET of another session while 50 are created",
        goal=0.1,
        against=IN_PROCESS,
        **TIME,
    ),
)

BUDGET = 75

ROUNDS = 3

#: Seconds between two reads of the other session.
PAUSE = 0.005

Request = Callable[[str], Awaitable[object]]


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    bare: list[float] = []
    fifty: list[float] = []
    with TemporaryDirectory() as folder:
        async with opened() as stage, InProcess.started(stage, Path(folder)) as gateway:
            motte = stage.motte
            for side in (motte, gateway):
                await side.create("other")
            for _ in range(ROUNDS):
                await stage.rests()
                samples.add("creates-20", await at_once(20, motte.create, motte.delete))
                await stage.rests()
                samples.add_baseline("creates-20", await at_once(20, gateway.create, gateway.delete))
                bare.append(await first_code(stage))
                samples.add("get-while-creating", await _worst(motte.look, motte.create, motte.delete))
                await stage.rests()
                worst = await _worst(gateway.get, gateway.create, gateway.delete)
                samples.add_baseline("get-while-creating", worst)
                fifty.append(await at_once(50, gateway.create, gateway.delete))
    twenty = samples.baseline("creates-20")
    for name, took in (("20 in-process creates", twenty), ("50 in-process creates", median(fifty))):
        samples.checks.append(check_speed(name, took, bare=median(bare)))


async def at_once(number: int, create: Request, delete: Request) -> float:
    """Returns the milliseconds until the last of so many creates has its code."""
    names = [f"at-once-{index}" for index in range(number)]
    span = await timed(asyncio.gather(*(create(name) for name in names)))
    await asyncio.gather(*(delete(name) for name in names))
    return span


async def _worst(read: Request, create: Request, delete: Request) -> float:
    """Returns the milliseconds of the slowest read while fifty sessions are created."""
    creating = asyncio.create_task(at_once(50, create, _nothing))
    spans = []
    while not creating.done():
        spans.append(await timed(read("other")))
        await asyncio.sleep(PAUSE)
    await creating
    await asyncio.gather(*(delete(f"at-once-{index}") for index in range(50)))
    return max(spans)


async def _nothing(session_id: str) -> None:
    """Leaves it as it is."""
