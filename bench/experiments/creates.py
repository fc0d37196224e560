"""One create: with a warm spare, and without one."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.bare import BARE, first_code
from bench.baseline_checks import check_speed
from bench.in_process import IN_PROCESS, InProcess
from bench.rows import Row, Samples
from bench.stage import Stage, opened
from bench.timing import timed
from tests.support.spares import warm_spare

TIME: dict[str, Any] = {"unit": "ms", "direction": "at-most"}

ROWS = (
    Row(
        name="create-warm",
        what="create to 201 with a QR, as a new installation at rest does it",
        goal=1,
        against=IN_PROCESS,
        **TIME,
    ),
    Row(
        name="create-cold",
        what="a create right after another one, which has used up what was prepared",
        goal=0.5,
        against=BARE,
        **TIME,
    ),
)

BUDGET = 30

ROUNDS = 11


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    bare: list[float] = []
    with TemporaryDirectory() as folder:
        async with opened() as stage, InProcess.started(stage, Path(folder)) as gateway:
            for _ in range(ROUNDS):
                await _ours(stage, samples)
                samples.add_baseline("create-warm", await timed(gateway.create("shop")))
                await gateway.delete("shop")
                bare.append(await first_code(stage))
                samples.add_baseline("create-cold", bare[-1])
    in_process = samples.baseline("create-warm")
    samples.checks.append(check_speed("in-process create", in_process, bare=median(bare)))


async def _ours(stage: Stage, samples: Samples) -> None:
    """Creates two sessions, one right after the other, when a spare is warm and nothing is left to do."""
    await warm_spare(stage.motte)
    await stage.rests()
    samples.add("create-warm", await timed(stage.motte.create("warm")))
    samples.add("create-cold", await timed(stage.motte.create("cold")))
    for session_id in ("warm", "cold"):
        await stage.motte.delete(session_id)
    await stage.rests()
