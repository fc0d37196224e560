"""Reads of a session's code: a live one over many connections, and an expired one by a thousand readers."""

import asyncio
from time import perf_counter
from typing import Any

from bench.baseline import Baseline, load
from bench.rows import Row, Samples
from bench.stage import Stage, opened
from tests.slow.crowd import Crowd
from tests.support.serve import API_KEY

AIOHTTP = "aiohttp_get.py, a bare aiohttp handler with a key check"

TIME: dict[str, Any] = {"unit": "ms", "direction": "at-most"}

ROWS = (
    Row(
        name="get-live",
        what="GET of a session with a live code, 64 connections",
        unit="requests/s",
        direction="at-least",
        goal=0.6,
        against=AIOHTTP,
    ),
    Row(name="get-live-p99", what="the 99th percentile of these", goal=2, against=AIOHTTP, **TIME),
    Row(
        name="readers-spread", what="1,000 readers of an expired code, first answer to last", goal=100, **TIME
    ),
    Row(
        name="readers-last",
        what="the same, until the last answer",
        goal=2,
        against="a lone reader of an expired code",
        **TIME,
    ),
)

ROUNDS = 5

CONNECTIONS, SECONDS = 64, 2

READERS = 1000


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    async with opened() as stage:
        await _live(stage, samples)
        await stage.motte.delete("shop")
        await _expired(stage, samples)


async def _live(stage: Stage, samples: Samples) -> None:
    await stage.motte.create("shop")
    _, body = await stage.motte.raw("GET", "/sessions/shop")
    ours = str(stage.serve.url()).rpartition(":")[2]
    async with Baseline.started("aiohttp_get.py", API_KEY, body.decode()) as baseline:
        theirs = str(await baseline.until("port"))
        for _ in range(ROUNDS):
            measured = await _gets(ours)
            samples.add("get-live", measured["rate"])
            samples.add("get-live-p99", measured["p99"])
            measured = await _gets(theirs)
            samples.add_baseline("get-live", measured["rate"])
            samples.add_baseline("get-live-p99", measured["p99"])


async def _gets(port: str) -> dict[str, Any]:
    return await load("gets.mjs", port, "/sessions/shop", API_KEY, str(CONNECTIONS), str(SECONDS))


async def _expired(stage: Stage, samples: Samples) -> None:
    async with Crowd.of(READERS, str(stage.serve.url())) as crowd:
        await crowd.connect()
        await stage.motte.create("shop")
        for _ in range(ROUNDS):
            await _expire(stage)
            begun = perf_counter()
            await stage.motte.get("shop")
            samples.add_baseline("readers-last", (perf_counter() - begun) * 1000)
            await _expire(stage)
            ends = await _crowd(crowd)
            samples.add("readers-last", ends[-1] * 1000)
            samples.add("readers-spread", (ends[-1] - ends[0]) * 1000)


async def _crowd(crowd: Crowd) -> list[float]:
    """Returns the seconds after which each of the readers has its answer, in order."""
    ends: list[float] = []

    async def read() -> None:
        arrival = await crowd._ask("/sessions/shop")
        assert arrival.status == 200, arrival
        ends.append(perf_counter() - begun)

    begun = perf_counter()
    await asyncio.gather(*(read() for _ in range(READERS)))
    return ends


async def _expire(stage: Stage) -> None:
    """Returns once the session has no code any more: WhatsApp ends its socket."""
    await stage.phones.drop()
    await stage.motte.without_a_code("shop")
