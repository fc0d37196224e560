"""A hundred sessions: memory of those that are open or show a code, and processor time at rest."""

import asyncio
from time import perf_counter
from typing import Any

from bench import bare
from bench.baseline_checks import check_memory
from bench.pairing import paired, shown
from bench.processes import Usage
from bench.rows import Row, Samples
from bench.stage import Stage, opened

MEMORY: dict[str, Any] = {"unit": "MiB", "direction": "at-most"}

ROWS = (
    Row(name="memory-open", what="PSS of a connector that is open, of 50", goal=32, **MEMORY),
    Row(
        name="memory-qr",
        what="PSS of a connector that shows a QR, of 50 next to 50 that are open",
        goal=0.45,
        against="bare_qr.mjs, of 10 next to these",
        **MEMORY,
    ),
    Row(
        name="idle-100",
        what="processor time of all processes while 100 sessions are open and nothing happens",
        unit="% of a core",
        direction="at-most",
        goal=1.5,
    ),
)

BUDGET = 110

#: How many sessions each part has.
MEASURED, AT_REST = 50, 100

#: Bare scripts whose memory is compared.
BARE = 10

#: Seconds of rest before processor time is counted, and while it is. Connectors give memory back once in the
#: seconds after their session has opened, which takes each some 20 ms.
SETTLED, REST = 20.0, 20.0


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    async with opened() as stage:
        ids = await paired(stage, await shown(stage, 0, MEASURED))
        for mebibytes in await stage.memory(*ids):
            samples.add("memory-open", mebibytes)
        at_qr = await shown(stage, MEASURED, AT_REST)
        for mebibytes in await stage.memory(*at_qr):
            samples.add("memory-qr", mebibytes)
        for mebibytes in await bare.memory(stage, BARE):
            samples.add_baseline("memory-qr", mebibytes)
        samples.checks.append(check_memory(samples.baseline("memory-qr")))
        await paired(stage, at_qr)
        samples.add("idle-100", await idle(stage))


async def idle(stage: Stage) -> float:
    """Returns the processor time that all processes use while nothing happens, in percent of a core."""
    await stage.rests()
    await asyncio.sleep(SETTLED)
    before, begun = Usage.of(stage.serve.folder), perf_counter()
    await asyncio.sleep(REST)
    after = Usage.of(stage.serve.folder)
    return after.since(before) / (perf_counter() - begun) * 100
