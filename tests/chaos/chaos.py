"""Sessions that live through kill -9 of everything: `python -m tests.chaos.chaos --kills 120 --seed 7`.

Every message is there once and in order, no pairing is lost, nothing hangs and nothing is left behind.
Exit code 0: so it was.
"""

import asyncio
import sys
from contextlib import suppress
from random import shuffle
from time import monotonic
from traceback import format_exc
from typing import NamedTuple

import click

from server.core.addresses import Address
from server.core.listeners import bind, close_all
from tests.chaos.calm import Calm
from tests.chaos.paired import Paired
from tests.chaos.processes import front
from tests.chaos.records import check_records
from tests.chaos.scene import Scene, opened
from tests.chaos.waiting import Waiting
from tests.soak.belongings import check_belongings
from tests.soak.leftovers import Process, bugs, find_leftovers
from tests.soak.stage import recovers, staged
from tests.soak.tally import Tally
from tests.support.motte import Motte

#: Seconds after which it hangs: for what comes after the kills, and for each kill.
FOR_ALL = 300.0
FOR_EACH_KILL = 6.0

#: The number of a phone's first device.
FIRST_DEVICE = 1

#: What a state folder holds where there is no session.
FILES = frozenset(
    {
        "cache",
        "clock.json",
        "front.fifo",
        "front.json",
        "front.lock",
        "logs",
        "motte.db",
        "motte.db-shm",
        "motte.db-wal",
        "sessions",
        "spares",
        "supervisor.sock",
        "supervisord.pid",
        "whatsapp-version.json",
    }
)

#: Below the ports that the kernel hands out: no other process takes ours while the front is away.
PORTS = range(20_000, 30_000)


class Crew(NamedTuple):
    """Who takes part, and in how much."""

    kills: int
    #: Half of them are paired.
    sessions: int
    #: Fronts that are killed one by one, once everything works again.
    calm_kills: int
    #: Seconds at most between two kills, beside those in which the front comes back.
    pause: float
    seed: int


class Cast(NamedTuple):
    """The sessions, and who uses them."""

    paired: list[Paired]
    waiting: list[Waiting]

    @property
    def all(self) -> list[Paired | Waiting]:
        return [*self.paired, *self.waiting]


@click.command()
@click.option("--kills", type=int, default=120, show_default=True)
@click.option("--sessions", type=int, default=8, show_default=True, help="half of them are paired")
@click.option("--seed", type=int, default=7, show_default=True, help="of all that is left to chance")
def chaos(kills: int, sessions: int, seed: int) -> None:
    """Kill whatever runs while sessions are used, and look for whatever goes wrong."""
    click.echo(f"seed {seed}")
    tally = Tally()
    asyncio.run(run(tally, Crew(kills=kills, sessions=sessions, calm_kills=5, pause=2.5, seed=seed)))
    click.echo(tally.told())
    click.echo("clean" if tally.is_clean else "NOT CLEAN")
    sys.exit(not tally.is_clean)


async def run(tally: Tally, crew: Crew) -> None:
    """All of it; what was found is in the tally."""
    begun = monotonic()
    async with staged(tally, MOTTE_LISTEN=f"127.0.0.1:{a_free_port()}") as motte:
        try:
            async with asyncio.timeout(FOR_ALL + FOR_EACH_KILL * crew.kills):
                await _play(motte, tally, crew)
        except TimeoutError:
            tally.find("does not end", format_exc())
    tally.count("all", "seconds", round(monotonic() - begun))


async def _play(motte: Motte, tally: Tally, crew: Crew) -> None:
    empty = _now(motte)
    async with opened(motte, tally, seed=crew.seed) as scene:
        cast = _cast(scene, crew)
        for each in cast.all:
            await each.begin()
        await _kill(scene, crew, cast)
        await _settle(scene, cast)
        await _check(scene, crew, cast)
    await check_belongings(motte, tally)
    await _clear(motte, tally, empty)


def _cast(scene: Scene, crew: Crew) -> Cast:
    number = crew.sessions // 2
    return Cast(
        [Paired(scene, index, seed=str(crew.seed)) for index in range(number)],
        [Waiting(scene, index, seed=str(crew.seed)) for index in range(crew.sessions - number)],
    )


async def _kill(scene: Scene, crew: Crew, cast: Cast) -> None:
    """All sessions are used while whatever runs is killed."""
    over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for each in cast.all:
            tasks.create_task(each.live(over))
        await scene.reaper.run(crew.kills, pause=crew.pause, phones=[each.phone for each in cast.paired])
        over.set()


async def _settle(scene: Scene, cast: Cast) -> None:
    """Nobody is killed any more: every session works again by itself, and no text is missing."""
    begun = monotonic()
    await scene.absence.over()
    await scene.motte.ready()
    await asyncio.gather(*(recovers(scene.motte, scene.tally, each.id) for each in cast.all))
    scene.tally.count("settled", "seconds", round(monotonic() - begun))
    await asyncio.gather(*(each.check() for each in cast.waiting))


async def _check(scene: Scene, crew: Crew, cast: Cast) -> None:
    calm = Calm(scene, cast.paired, cast.waiting)
    await calm.kill_fronts(crew.calm_kills)
    await calm.kill_others()
    await asyncio.gather(*(each.check() for each in cast.paired))
    check_records(scene.motte.folder, scene.tally)
    for each in cast.all:
        scene.confidences.keep_credentials(each.id)
    scene.confidences.check_logs()
    await _check_whatsapp(scene, cast.paired)


async def _check_whatsapp(scene: Scene, paired: list[Paired]) -> None:
    """A phone that scanned once has its first device, and no other."""
    state = await scene.phones.state()
    for number in ("registrations", "logins"):
        scene.tally.count("whatsapp", number, state[number])
    for query in state["unknownQueries"]:
        scene.tally.find("query that the sandbox does not know", str(query))
    for each in paired:
        devices = [device["device"] for device in state["devices"] if device["phoneNumber"] == each.phone]
        if devices != [FIRST_DEVICE]:
            scene.tally.find("registered anew", f"{each.id} has devices {devices}")


async def _clear(motte: Motte, tally: Tally, empty: Process) -> None:
    """Delete every session: nothing is left. empty: the first front, before there was any."""
    await motte.clear()
    now = _now(motte)
    permanent = {motte.serve.pid, now.pid}
    await find_leftovers(motte, tally, empty._replace(pid=now.pid), permanent=permanent)
    left = {path.name for path in motte.folder.path.iterdir()} - FILES
    if left:
        tally.find("left behind", f"in the state folder: {sorted(left)}")
    for bug in bugs(motte.folder):
        tally.find("error in a log", bug)


def _now(motte: Motte) -> Process:
    """The front as it is."""
    pid = front(motte.folder)
    assert pid is not None
    return Process.now(pid)


def a_free_port() -> int:
    """The same for every front, as of a service."""
    ports = list(PORTS)
    shuffle(ports)
    for port in ports:
        with suppress(OSError):
            close_all(bind(Address("127.0.0.1", port)))
            return port
    raise AssertionError("every port is taken")


if __name__ == "__main__":
    chaos()
