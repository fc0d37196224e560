"""How figures grow with the number of open sessions: `python -m bench.growth 10 50 200`.

The sessions of one Motte are paired, and measured at each of these numbers. What a host with 1,000 would show
is extrapolated in a line through the last two numbers: nobody has measured that.
"""

import asyncio
import sys
from collections.abc import Sequence
from statistics import median
from typing import Final

import click

from bench.experiments import bursts, crowds, deliveries, outages, reads
from bench.pairing import paired, phone_of, shown
from bench.readers import Readers
from bench.runs import end_on_signals
from bench.stage import Stage, opened
from bench.timing import timed
from tests.capacity.census import Census, load_average, machine

#: The number of sessions to which figures are extrapolated.
FAR: Final = 1000

#: How often a create is measured, a kill, each of another session, and a crowd of readers.
CREATES, KILLS, CROWDS = 5, 3, 3

#: Seconds for which the readers' codes can be scanned.
CODE = 3.0

#: How many sessions are created and scanned at once.
AT_ONCE = 10

FIGURES: Final = (
    "create, at rest, ms",
    "create, right after another, ms",
    "20 creates at once, ms",
    "kill of a connector until its session is open, ms",
    "restart of everything until all are open, ms",
    "GET of a live code over 64 connections, requests/s",
    "the 99th percentile of these, ms",
    "1,000 readers of an expired code until the last response, ms",
    "text in until a webhook's consumer has it, 95th percentile at 100/s, ms",
    "a connector that is open, PSS, MiB",
    "the front, PSS, MiB",
    "supervisord, PSS, MiB",
    "all processes at rest, % of a core",
)


@click.command()
@click.argument("sizes", nargs=-1, type=int, required=True)
def growth(sizes: tuple[int, ...]) -> None:
    """Measure with so many open sessions, SIZES in ascending order."""
    end_on_signals()
    click.echo(f"{machine()}; {' '.join(sys.argv)}\n")
    columns = asyncio.run(_measure(sizes))
    click.echo(f"| figure | {' | '.join(map(str, sizes))} | {FAR}, extrapolated |")
    click.echo(f"|---|{'---|' * (len(sizes) + 1)}")
    for name, *values in zip(FIGURES, *columns, strict=True):
        is_rate = name.endswith("requests/s")
        far = f"{extrapolated(sizes, values, is_rate=is_rate):.4g}" if len(sizes) > 1 else "-"
        click.echo(f"| {name} | {' | '.join(f'{value:.4g}' for value in values)} | {far} |")


def extrapolated(sizes: Sequence[int], values: Sequence[float], *, is_rate: bool = False) -> float:
    """Returns the value at FAR, on a line through the last two.

    More sessions make nothing cheaper: a cost that falls, or a rate that grows, is taken as constant.
    """
    slope = (values[-1] - values[-2]) / (sizes[-1] - sizes[-2])
    worse = min(slope, 0.0) if is_rate else max(slope, 0.0)
    return max(0.0, values[-1] + worse * (FAR - sizes[-1]))


async def _measure(sizes: Sequence[int]) -> list[list[float]]:
    """Returns the figures of each size."""
    columns = []
    async with deliveries.Consumer.opened() as consumer, opened(MOTTE_ALLOW_PRIVATE_WEBHOOKS="1") as stage:
        await consumer.follow(stage)
        ids: list[str] = []
        for size in sizes:
            while len(ids) < size:
                until = min(size, len(ids) + AT_ONCE)
                ids += await paired(stage, await shown(stage, len(ids), until))
            await asyncio.sleep(outages.HEALTHY)
            columns.append(await _busy(stage, ids, consumer))
            columns[-1] += await _at_rest(stage, ids)
            click.echo(f"{size}: {columns[-1]}; load {load_average()}")
    return columns


async def _busy(stage: Stage, ids: Sequence[str], consumer: deliveries.Consumer) -> list[float]:
    spans = [await _creates(stage) for _ in range(CREATES)]
    first, second = (median(each) for each in zip(*spans, strict=True))
    burst = await bursts.at_once(20, stage.motte.create, stage.motte.delete)
    await stage.motte.create("shop")
    read = await reads.gets(reads.port_of(stage))
    await stage.motte.delete("shop")
    readers = await _readers(stage)
    webhook = await consumer.delays(stage, f"with {len(ids)}", to=phone_of(ids[0]))
    killed = median([await outages.kill(stage, name) for name in ids[:KILLS]])
    restarted = await outages.restart(stage, ids)
    return [first, second, burst, killed, restarted, read["rate"], read["p99"], readers, webhook]


async def _readers(stage: Stage) -> float:
    """Returns the milliseconds until the last of a crowd has a new code. Codes expire by themselves."""
    await stage.phones.show_codes_for(CODE, count=1, ended_after=CODE)
    async with Readers.started(reads.READERS, reads.port_of(stage)) as readers:
        await stage.motte.create("shop")
        spans = []
        for _ in range(CROWDS):
            await stage.motte.without_a_code("shop")
            await stage.rests()
            spans.append((await readers.read("shop"))[1])
    await stage.motte.delete("shop")
    await stage.phones.settle()
    return median(spans)


async def _creates(stage: Stage) -> tuple[float, float]:
    await stage.rests()
    spans = [await timed(stage.motte.create(name)) for name in ("first", "second")]
    for name in ("first", "second"):
        await stage.motte.delete(name)
    return spans[0], spans[1]


async def _at_rest(stage: Stage, ids: Sequence[str]) -> list[float]:
    used = await crowds.idle(stage)
    census = Census.take(stage.serve.folder)
    connector = median(await stage.memory(*ids))
    return [connector, census.pss("front"), census.pss("supervisord"), used]


if __name__ == "__main__":
    growth()
