"""Time to start one of many connectors: `python -m tests.supervisor_plugin.measure_start 1 100 500`."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.supervisor_plugin.rig import Rig
from tests.supervisor_plugin.sessions import Session

ROUNDS = 15

#: Its first act is a line on the session's pipe; then it sleeps.
CHILD = """/bin/sh -c 'cd "$MOTTE_STATE/sessions/$0" 2>/dev/null &&
    echo "{\\"event\\": \\"up\\"}" >events.fifo; exec sleep 1000'"""


async def measure(others: int) -> dict[str, float]:
    """Milliseconds, the median of some rounds each, beside so many other connectors."""
    with TemporaryDirectory() as folder:
        rig = await Rig(Path(folder), connector_command=CHILD, first_delay="0.0", tries="999").start()
        for number in range(others):
            await rig.supervisor.start(f"other-{number}")
        figures = await rounds(rig, [rig.session(f"shop-{number}") for number in range(ROUNDS)])
        await rig.stop()
    return {name: median(seconds) * 1000 for name, seconds in figures.items()}


async def rounds(rig: Rig, shops: list[Session]) -> dict[str, list[float]]:
    return {
        "start to exec": [await timed(start(rig, shop)) for shop in shops],
        "death to notice": [await timed(crash(rig, shop, shop.events.next(event="ended"))) for shop in shops],
        "death to exec": [await timed(crash(rig, shop, shop.events.next(event="up"))) for shop in shops],
        "stop": [await timed(rig.supervisor.stop(shop.id)) for shop in shops],
        "tallies": [await timed(rig.supervisor.tallies()) for _ in shops],
        "list": [await timed(rig.supervisor.list()) for _ in shops],
        "ping": [await timed(rig.supervisor.ping()) for _ in shops],
    }


async def timed(work: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def start(rig: Rig, shop: Session) -> None:
    await rig.supervisor.start(shop.id)
    await shop.events.next(event="up")


async def crash(rig: Rig, shop: Session, followed_by: Awaitable[Any]) -> None:
    os.kill((await rig.supervisor.start(shop.id)).pid or 0, signal.SIGKILL)
    await followed_by


async def main() -> None:
    for others in map(int, sys.argv[1:]):
        figures = await measure(others)
        print(others, *(f"{name} {milliseconds:.1f} ms" for name, milliseconds in figures.items()), sep="\t")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
