"""The memory of a front, watched while it works."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.chaos.processes import front
from tests.chaos.scene import Scene

#: MiB that it may grow.
GROWTH = 20.0

#: Seconds in which it loads what it uses, and between two looks.
WARM_AFTER = 5.0
LOOK_EVERY = 0.25


@asynccontextmanager
async def watched(scene: Scene) -> AsyncGenerator[None]:
    """Finds that the front grows too much while the block runs, once it is warm."""
    seen: list[float] = []

    async def look() -> None:
        await asyncio.sleep(WARM_AFTER)
        while True:
            seen.append(_resident(front(scene.motte.folder)))
            await asyncio.sleep(LOOK_EVERY)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    grown = max(seen) - seen[0] if seen else 0.0
    scene.tally.count("front in MiB", "at most", round(max(seen, default=0.0)))
    scene.tally.count("front in MiB", "grown", round(grown))
    if grown >= GROWTH:
        scene.tally.find("memory", f"the front grew by {grown:.0f} MiB")


def _resident(pid: int | None) -> float:
    """MiB of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    [line] = [line for line in lines if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024
