"""The baseline bare_qr.mjs: a script that imports Baileys and prints its first QR code."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from bench.baseline import Baseline
from bench.processes import pss
from bench.stage import Stage
from bench.timing import timed

BARE = "bare_qr.mjs, a script that imports Baileys and prints its first QR"


async def first_code(stage: Stage) -> float:
    """Returns the milliseconds until its first code."""
    async with AsyncExitStack() as stack:
        return await timed(stack.enter_async_context(_showing(stage)))


async def memory(stage: Stage, number: int) -> list[float]:
    """Returns the PSS of each of so many that show a code at the same time, in MiB."""
    async with AsyncExitStack() as stack:
        scripts = [await stack.enter_async_context(_showing(stage)) for _ in range(number)]
        return [pss(script.pid) for script in scripts]


@asynccontextmanager
async def _showing(stage: Stage) -> AsyncGenerator[Baseline]:
    async with Baseline.started("bare_qr.mjs", *stage.whatsapp) as script:
        await script.until("qr")
        yield script
