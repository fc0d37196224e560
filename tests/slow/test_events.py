"""Ten thousand events and their readers: none misses one, though fronts are killed and readers are slow."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import aiohttp

from tests.support.event_readers import events_after, texts_by_polling, texts_of_a_stream
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones

COUNT = 10_000
KILLS = 6

#: Seconds within which every reader has all events.
ALL_WITHIN = 420.0
#: Seconds for which a client that is stuck reads nothing: longer than the front has patience.
PATIENCE = 30
#: Seconds of rest after each event of a slow reader.
REST = 0.002
#: MiB by which the front may grow while it serves half of the events.
GROWTH = 40


async def stuck(motte: Motte) -> None:
    """Follows every event and reads nothing; connects again once it was disconnected."""
    while True:
        with suppress(aiohttp.ClientError):
            async with motte.stream("/events") as lines:
                lines._protocol.pause_reading()
                await asyncio.sleep(PATIENCE)
        await asyncio.sleep(0.1)


async def test_ten_thousand_events_reach_each_reader_once_and_in_order(motte: Motte, phones: Phones) -> None:
    """Half of them while the front is killed again and again; for the other half it keeps its memory."""
    await motte.connect()
    await motte.tell("shop", "stop")
    _, before_all = await events_after(motte)
    wanted = [f"text {n}" for n in range(COUNT)]
    for text in wanted:
        await phones.write(text)
    polled: list[str] = []
    streamed: list[str] = []
    slow: list[str] = []
    last = wanted[-1]
    begun = perf_counter()
    idle = asyncio.create_task(stuck(motte))
    readers = asyncio.gather(
        texts_by_polling(motte, polled, after=before_all, until=last),
        texts_of_a_stream(motte, streamed, after=before_all, until=last),
        texts_of_a_stream(motte, slow, after=before_all, until=last, rest=REST),
    )
    await motte.tell("shop", "start")
    for kill in range(1, KILLS + 1):
        await eventually(lambda: has(streamed, kill * COUNT // 2 // KILLS), within=ALL_WITHIN)  # noqa: B023
        with suppress(ProcessLookupError):
            os.kill(front(motte), 9)
    await motte.ready()
    before = resident(front(motte))
    try:
        await asyncio.wait_for(readers, ALL_WITHIN)
    finally:
        idle.cancel()
    grown = resident(front(motte)) - before
    assert polled == streamed == slow == wanted
    sys.stdout.write(
        f"{COUNT} events at three readers in {perf_counter() - begun:.0f} s; the front grew {grown:.0f} MiB\n"
    )
    assert grown < GROWTH


async def has(texts: list[str], count: int) -> bool:
    """Whether there are so many."""
    return len(texts) >= count


def front(motte: Motte) -> int:
    """The process of the front."""
    return int(json.loads(motte.folder.front.read_text())["pid"])


def resident(pid: int) -> float:
    """MiB of the process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024
