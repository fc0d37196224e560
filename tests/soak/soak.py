"""Sessions that live through faults for minutes: `python -m tests.soak.soak --minutes 10`.

Nothing may be answered late, wrongly or with a dead code, and nothing may be left behind. Exit code 0:
so it was.
"""

import asyncio
import json
import sys
from random import Random
from time import monotonic
from typing import NamedTuple

import click

from server.cli.sandbox.gateway import processes_of
from tests.soak.asking import Asker
from tests.soak.belongings import check_belongings
from tests.soak.leftovers import Process, bugs, find_leftovers
from tests.soak.people import People
from tests.soak.stage import recovers, staged
from tests.soak.tally import Tally
from tests.soak.weather import Weather
from tests.support.motte import Motte

#: Readers of each session.
READERS = 2

#: MiB by which the front may grow in the second half.
GROWTH = 40.0


class Crew(NamedTuple):
    """Who takes part, and for how long."""

    #: Seconds.
    span: float
    sessions: int
    #: Of each session.
    owners: int
    seed: int


@click.command()
@click.option("--minutes", type=float, default=10, show_default=True, help="how long the weather is bad")
@click.option("--sessions", type=int, default=30, show_default=True)
@click.option(
    "--owners", type=int, default=1, show_default=True, help="of each session: two cross each other"
)
@click.option("--seed", type=int, default=7, show_default=True, help="of all that is left to chance")
def soak(minutes: float, sessions: int, owners: int, seed: int) -> None:
    """Let sessions live through faults, and look for whatever goes wrong."""
    click.echo(f"seed {seed}")
    tally = Tally()
    asyncio.run(_soak(tally, Crew(minutes * 60, sessions, owners, seed)))
    click.echo(tally.told())
    click.echo("clean" if tally.is_clean else "NOT CLEAN")
    sys.exit(not tally.is_clean)


async def _soak(tally: Tally, crew: Crew) -> None:
    async with staged(tally) as motte:
        front = Process.now(_front(motte))
        permanent = set(processes_of(motte.folder))
        middle = await _live(motte, tally, crew)
        await _recover(motte, tally)
        await check_belongings(motte, tally)
        await motte.clear()
        await find_leftovers(motte, tally, front, permanent=permanent)
        await _add_up(motte, tally, front, middle)


async def _live(motte: Motte, tally: Tally, crew: Crew) -> Process:
    """Everybody does what they like. Returns the front as it was in the middle."""
    weather = Weather(motte.phones, tally, Random(f"{crew.seed} weather"))  # noqa: S311  # no secrets
    until = monotonic() + crew.span
    blowing = asyncio.create_task(weather.run())
    async with Motte.opened(motte.serve, motte.phones) as caller, asyncio.TaskGroup() as tasks:
        for number in range(crew.sessions):
            people = People(
                f"soak-{number}",
                f"1555{number:07}",
                motte=caller,
                asker=Asker(caller, tally, has_rivals=crew.owners > 1),
                tally=tally,
                weather=weather,
                random=Random(f"{crew.seed} {number}"),  # noqa: S311
                sessions=crew.sessions,
            )
            for _ in range(crew.owners):
                tasks.create_task(people.own(until))
            for _ in range(READERS):
                tasks.create_task(people.read(until))
        await asyncio.sleep(crew.span / 2)
        middle = Process.now(_front(motte))
    blowing.cancel()
    await asyncio.gather(blowing, return_exceptions=True)
    return middle


async def _recover(motte: Motte, tally: Tally) -> None:
    """WhatsApp is well again; so is every session, in a while, without anybody's help."""
    await motte.phones.misbehave()
    listed = (await motte.ask("GET", "/sessions", params={"limit": "200"})).body["items"]
    begun = monotonic()
    await asyncio.gather(*(recovers(motte, tally, session["id"]) for session in listed))
    tally.time("recovery", monotonic() - begun)
    tally.count("recovery", "sessions", len(listed))


async def _add_up(motte: Motte, tally: Tally, front: Process, middle: Process) -> None:
    for bug in bugs(motte.folder):
        tally.find("error in a log", bug)
    state = await motte.phones.state()
    for query in state["unknownQueries"]:
        tally.find("query that the sandbox does not know", str(query))
    for number in ("registrations", "logins", "sockets"):
        tally.count("whatsapp", number, state[number])
    now = Process.now(front.pid)
    if now.memory - middle.memory > GROWTH:
        tally.find("growing front", f"from {middle.memory:.0f} to {now.memory:.0f} MiB")
    if _front(motte) != front.pid:
        tally.find("another front", "the first one ended")
    for moment, process in (("start", front), ("middle", middle), ("end", now)):
        tally.count("front's MiB", moment, round(process.memory))
        tally.count("front's fds", moment, process.descriptors)


def _front(motte: Motte) -> int:
    """The process that serves."""
    return int(json.loads(motte.folder.front.read_text())["pid"])


if __name__ == "__main__":
    soak()
