"""What many paired sessions cost: `python -m tests.capacity.capacity 10 50 100`.

Pairs them on the sandbox, stops everything, and measures a start from nothing to the last open session, then
memory and processor while nothing happens. Processes are cold, files are in the page cache. The sandbox runs
on the same cores.
"""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

import click

from server.connectors.start_limiter import cores
from server.core.clock import SystemClock, iso
from tests.capacity.census import Census, load_average, machine
from tests.capacity.crowd import Crowd
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve

#: Seconds until what a login brings has been done.
SETTLED_AFTER = 15.0

#: A session that nobody has paired, whose code a caller wants.
NEWCOMER = "newcomer"


class Start(NamedTuple):
    """One start of everything. Times are seconds since `motte serve` was called."""

    answers: float
    #: From its request, which comes with the first answer, to the code of a new session.
    code: float
    #: When the last session in order was connected, which a caller asked to start with the first answer.
    asked: float
    connected: float
    #: Seconds of a core that all processes have used until then.
    cpu: float
    #: The load average when it was over.
    load: str


class Rest(NamedTuple):
    """What is used while nothing happens."""

    census: Census
    #: Seconds of a core, a second.
    cpu: float
    #: Seconds to the code of a new session.
    code: float
    load: str


@click.command()
@click.argument("sizes", nargs=-1, type=int, required=True)
@click.option(
    "--at-once", type=int, multiple=True, default=[cores()], help="MOTTE_START_CONCURRENCY, each in turn"
)
@click.option("--idle", type=float, default=30, show_default=True, help="seconds without a request")
def capacity(sizes: tuple[int, ...], at_once: tuple[int, ...], idle: float) -> None:
    """Measure with so many sessions, SIZES in turn."""
    click.echo(f"{machine()}; {' '.join(sys.argv)}\n")
    for size in sizes:
        asyncio.run(_measure(size, at_once, idle))


async def _measure(size: int, at_once: tuple[int, ...], idle: float) -> None:
    async with _serve() as (serve, phones):
        async with Motte.opened(serve, phones) as motte:
            crowd = Crowd(motte, size)
            began = time.monotonic()
            await crowd.pair()
            click.echo(f"{size} sessions, paired in {time.monotonic() - began:.0f} s")
        for number in at_once:
            await asyncio.to_thread(serve.stop)
            serve.settings["MOTTE_START_CONCURRENCY"] = str(number)
            start = await _start(serve, phones, size)
            click.echo(told_start(number, start))
        async with Motte.opened(serve, phones) as motte:
            click.echo(told_rest(size, await _rest(motte, idle)))


@asynccontextmanager
async def _serve() -> AsyncGenerator[tuple[Serve, Phones]]:
    """A Motte that does not run yet, with a WhatsApp that does."""
    sandbox = Sandbox()
    serve = Serve(sandbox.settings)
    try:
        async with Phones(sandbox.control_url) as phones:
            yield serve, phones
    finally:
        serve.stop()
        serve.remove()
        sandbox.stop()


async def _start(serve: Serve, phones: Phones, size: int) -> Start:
    since = iso(SystemClock().wall())
    began = time.monotonic()
    async with Motte.opened(serve, phones) as motte:
        answers = time.monotonic() - began
        crowd = Crowd(motte, size)
        last = Crowd(motte, size)
        last.ids = crowd.ids[-1:]
        async with asyncio.TaskGroup() as tasks:
            code = tasks.create_task(_code(motte))
            await motte.tell(last.ids[0], "start")
            asked = tasks.create_task(_after(last, since, began))
            connected = tasks.create_task(_after(crowd, since, began))
        cpu = Census.take(serve.folder).cpu
        await motte.delete(NEWCOMER)
        return Start(answers, await code, await asked, await connected, cpu, load_average())


async def _after(crowd: Crowd, since: str, began: float) -> float:
    await crowd.connected(since=since)
    return time.monotonic() - began


async def _code(motte: Motte) -> float:
    began = time.monotonic()
    await motte.create(NEWCOMER)
    return time.monotonic() - began


async def _rest(motte: Motte, idle: float) -> Rest:
    await asyncio.sleep(SETTLED_AFTER)
    before, began = Census.take(motte.folder), time.monotonic()
    await asyncio.sleep(idle)
    after, load = Census.take(motte.folder), load_average()
    cpu = (after.cpu - before.cpu) / (time.monotonic() - began)
    code = await _code(motte)
    await motte.delete(NEWCOMER)
    return Rest(after, cpu, code, load)


def told_start(at_once: int, start: Start) -> str:
    return (
        f"  cold start, {at_once} at once: front answers after {start.answers:.1f} s, all connected after "
        f"{start.connected:.1f} s, {start.cpu:.1f} s of a core\n"
        f"    asked for meanwhile: a new code took {start.code:.1f} s, the last session was connected after "
        f"{start.asked:.1f} s; load {start.load}"
    )


def told_rest(size: int, rest: Rest) -> str:
    census = rest.census
    return (
        f"  at rest: {census.pss() / 1024:.2f} GiB in all, connectors {census.pss('connector'):.0f} MiB "
        f"({census.pss('connector') / size:.1f} each), front {census.pss('front'):.0f}, "
        f"supervisord {census.pss('supervisord'):.0f}; {rest.cpu * 100:.1f} % of a core; "
        f"a new code took {rest.code:.1f} s; load {rest.load}\n"
        f"  a connector has {census.most_threads('connector')} threads at most; descriptors: "
        f"front {census.descriptors('front')}, supervisord {census.descriptors('supervisord')}\n"
    )


if __name__ == "__main__":
    capacity()
