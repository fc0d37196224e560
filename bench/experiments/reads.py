"""Reads of a session's code: a live one over many connections, and an expired one by a thousand readers."""

from statistics import median
from typing import Any

from bench.bare import first_code
from bench.baseline import Baseline, load
from bench.baseline_checks import check_speed
from bench.readers import Readers
from bench.rows import Row, Samples
from bench.stage import Stage, opened
from bench.timing import timed
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

BUDGET = 45

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
    bare = []
    async with Baseline.started("aiohttp_get.py", API_KEY, body.decode()) as baseline:
        theirs = str(await baseline.until("port"))
        for _ in range(ROUNDS):
            measured = await gets(port_of(stage))
            samples.add("get-live", measured["rate"])
            samples.add("get-live-p99", measured["p99"])
            measured = await gets(theirs)
            samples.add_baseline("get-live", measured["rate"])
            samples.add_baseline("get-live-p99", measured["p99"])
            bare.append(await first_code(stage))
    request = 1000 / samples.baseline("get-live")
    samples.checks.append(check_speed("request to aiohttp", request, bare=median(bare)))


def port_of(stage: Stage) -> str:
    """Returns the port of the API."""
    return str(stage.serve.url()).rpartition(":")[2]


async def gets(port: str) -> dict[str, Any]:
    """Reads the session `shop` for some seconds. Returns `rate` (requests/s) and `p99` (ms), and others."""
    return await load("gets.mjs", port, "/sessions/shop", API_KEY, str(CONNECTIONS), str(SECONDS))


async def _expired(stage: Stage, samples: Samples) -> None:
    async with Readers.started(READERS, port_of(stage)) as readers:
        await stage.motte.create("shop")
        for _ in range(ROUNDS):
            await _expire(stage)
            samples.add_baseline("readers-last", await timed(stage.motte.get("shop")))
            await _expire(stage)
            first, last = await readers.read("shop")
            samples.add("readers-last", last)
            samples.add("readers-spread", last - first)


async def _expire(stage: Stage) -> None:
    """Returns once the session has no code any more, and nothing happens: WhatsApp ends its socket."""
    await stage.phones.drop()
    await stage.motte.without_a_code("shop")
    await stage.rests()
