"""Many sessions: a restart of everything with 30, memory with 50, and processor time at rest with 100."""

import asyncio
from os import kill
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.baseline import Baseline
from bench.in_process import IN_PROCESS, WRITTEN, InProcess
from bench.rows import Row, Samples
from bench.stage import Stage, opened
from server.core.clock import SystemClock, iso
from tests.capacity.census import Census
from tests.capacity.crowd import Crowd

MEMORY: dict[str, Any] = {"unit": "MiB", "direction": "at-most"}

ROWS = (
    Row(
        name="restart-30",
        what="restart of everything, until 30 sessions are open",
        unit="ms",
        direction="at-most",
        goal=3.5,
        against=IN_PROCESS,
    ),
    Row(
        name="memory-qr",
        what="PSS of a connector that shows a QR, of 50",
        goal=0.45,
        against="bare_qr.mjs, of as many",
        **MEMORY,
    ),
    Row(name="memory-open", what="PSS of a connector that is open, of 50", goal=32, **MEMORY),
    Row(name="idle-100", what="processor time at rest", unit="% of a core", direction="at-most", goal=1.5),
)

#: Bare scripts whose memory is compared: what processes share is divided among them.
BARE = 10

#: Seconds of rest before processor time is counted, and while it is.
SETTLED, REST = 10.0, 20.0


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    async with opened() as stage:
        with TemporaryDirectory() as folder:
            samples.add_baseline("restart-30", await _restart_in_process(stage, Path(folder), 30))
        crowd = await _paired(stage, [], 30)
        samples.add("restart-30", await _restart(stage, crowd))
        await _memory_at_qr(stage, samples)
        crowd = await _paired(stage, crowd, 50)
        samples.add("memory-open", Census.take(stage.serve.folder).pss("connector") / 50)
        await _paired(stage, crowd, 100)
        samples.add("idle-100", await _idle(stage))


async def _paired(stage: Stage, before: list[str], number: int) -> list[str]:
    """Pairs more sessions, until there are so many."""
    crowd = Crowd(stage.motte, number)
    places = asyncio.Semaphore(2)

    async def pair(index: int) -> None:
        async with places:
            await stage.motte.connect(crowd.ids[index], f"1555{index:07}")

    await asyncio.gather(*(pair(index) for index in range(len(before), number)))
    return crowd.ids


async def _restart(stage: Stage, ids: list[str]) -> float:
    await asyncio.to_thread(stage.serve.stop)
    since = iso(SystemClock().wall())
    begun = perf_counter()
    await stage.motte.ready()
    await Crowd(stage.motte, len(ids)).connected(since=since)
    return (perf_counter() - begun) * 1000


async def _restart_in_process(stage: Stage, folder: Path, number: int) -> float:
    names = [f"session-{index}" for index in range(number)]
    async with InProcess.started(stage, folder) as gateway:
        for index, name in enumerate(names):
            await stage.phones.scan((await gateway.create(name))["qrCode"], f"1556{index:07}")
        await gateway.connected(*names)
        await asyncio.sleep(WRITTEN)
        kill(gateway.pid, SIGKILL)
    begun = perf_counter()
    async with InProcess.started(stage, folder) as gateway:
        await gateway.connected(*names)
        return (perf_counter() - begun) * 1000


async def _memory_at_qr(stage: Stage, samples: Samples) -> None:
    before = Census.take(stage.serve.folder)
    names = [f"new-{index}" for index in range(50)]
    await asyncio.gather(*(stage.motte.create(name) for name in names))
    after = Census.take(stage.serve.folder)
    samples.add("memory-qr", (after.pss("connector") - before.pss("connector")) / len(names))
    for name in names:
        await stage.motte.delete(name)
    samples.add_baseline("memory-qr", await _bare_memory(stage))


async def _bare_memory(stage: Stage, others: int = BARE - 1) -> float:
    """Returns the PSS of a bare script, in MiB, while others run."""
    url, root_key = (stage.sandbox.settings[f"MOTTE_WHATSAPP_{name}"] for name in ("URL", "ROOT_KEY"))
    async with Baseline.started("bare_qr.mjs", url, root_key) as baseline:
        await baseline.until("qr")
        if others:
            return await _bare_memory(stage, others - 1)
        return _pss(baseline.pid)


def _pss(pid: int) -> float:
    """Returns MiB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.partition("Pss:")[2].split()[0]) / 1024


async def _idle(stage: Stage) -> float:
    await asyncio.sleep(SETTLED)
    before, begun = Census.take(stage.serve.folder), perf_counter()
    await asyncio.sleep(REST)
    after = Census.take(stage.serve.folder)
    return (after.cpu - before.cpu) / (perf_counter() - begun) * 100
