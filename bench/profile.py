"""Where the time of a create goes, phase by phase: `python -m bench.profile`.

Two creates are made, one right after the other, and this several times. The first one finds what a new
installation at rest has prepared, the second one does not. All moments are taken from outside: connectors run
as always.
"""

import asyncio
import os
from statistics import median
from subprocess import DEVNULL
from typing import Final, NamedTuple

import click

from bench.processes import began_at
from bench.runs import end_on_signals
from bench.stage import Stage, opened
from bench.tap import Tap, now
from bench.timing import timed
from server.cli.serve.compile_cache import KEEPER
from server.cli.serve.launch import NODE, ROOT
from server.core import bundle
from server.isolation.environment import connector_environment
from tests.capacity.census import load_average, machine

ROUNDS = 9

PHASES: Final = (
    "the front, its database and supervisord, until the process runs (to 10 ms)",
    "Node, until it would run a program",
    "the connector's program is read and compiled",
    "files, keys and the front's greeting, until the socket opens",
    "the socket is a WebSocket",
    "until the connector's hello leaves",
    "WhatsApp answers it",
    "the connector checks that and proves who it is",
    "WhatsApp sends codes",
    "the code goes to the front, and 201 to the caller",
)

#: What Node runs in these options: supervisord.conf.
OPTIONS: Final = ("--max-semi-space-size=1", "--v8-pool-size=1", f"--require={KEEPER}")


class Loading(NamedTuple):
    """What a process does before it is asked for a session. Milliseconds."""

    #: Node alone, and what the program adds.
    node: float
    program: float


@click.command()
def profile() -> None:
    """Print the phases of a create, in milliseconds."""
    end_on_signals()
    click.echo(f"{machine()}; load {load_average()}\n")
    at_rest, after_another = asyncio.run(_measure())
    click.echo(f"{'phase':<78}{'at rest':>9}{'after another':>15}")
    for phase, *spans in zip((*PHASES, "all"), at_rest, after_another, strict=True):
        click.echo(f"{phase:<78}{spans[0]:>9.1f}{spans[1]:>15.1f}")
    click.echo(f"\nmilliseconds, medians of {ROUNDS}; load {load_average()}")


async def _measure() -> tuple[list[float], list[float]]:
    """Returns the phases, with their sum at the end, of both kinds of creates."""
    async with Tap.opened() as (tap, url), opened(MOTTE_WHATSAPP_URL=url) as stage:
        tap.target = stage.sandbox.settings["MOTTE_WHATSAPP_URL"]
        loading = await _loading(stage)
        at_rest, after_another = [], []
        for _ in range(ROUNDS):
            await stage.rests()
            at_rest.append(await _create(stage, tap, "first", loading))
            after_another.append(await _create(stage, tap, "second", loading))
            for session_id in ("first", "second"):
                await stage.motte.delete(session_id)
    return _medians(at_rest), _medians(after_another)


async def _create(stage: Stage, tap: Tap, session_id: str, loading: Loading) -> list[float]:
    asked = now()
    await stage.motte.create(session_id)
    answered = now()
    ran = began_at(await stage.motte.pid(session_id))
    return phases(asked, ran, tap.connections[-1], answered, loading)


def phases(asked: float, ran: float, passed: list[float], answered: float, loading: Loading) -> list[float]:
    """Returns the milliseconds of each phase, and their sum.

    asked, ran, answered: when the request was made, the process began and the response was there. passed: the
    moments of its connection, as Tap notes them. All are seconds of one clock. A process that ran before the
    request had loaded before it too.
    """
    was_ready = ran < asked
    node, program = (0.0, 0.0) if was_ready else loading
    began = asked if was_ready else ran
    opened_at, *turns = passed[:7]
    spans = [later - earlier for earlier, later in zip(passed[:6], turns, strict=True)]
    until_open = (opened_at - began) * 1000 - node - program
    known = [(began - asked) * 1000, node, program, until_open, (spans[0] + spans[1]) * 1000]
    rest = [span * 1000 for span in spans[2:]]
    return [*known, *rest, (answered - passed[6]) * 1000, (answered - asked) * 1000]


def _medians(creates: list[list[float]]) -> list[float]:
    return [median(spans) for spans in zip(*creates, strict=True)]


async def _loading(stage: Stage) -> Loading:
    """Returns the medians of processes that load and end."""
    program, _ = bundle.program(ROOT / "connector")
    load = (program, "--load") if program == bundle.BUNDLE else ("process/warm_compile_cache.js",)
    file, *arguments = load
    nodes, programs = [], []
    for _ in range(ROUNDS):
        nodes.append(await timed(_node(stage, "--eval", "0")))
        programs.append(await timed(_node(stage, str(ROOT / "connector" / file), *arguments)))
    return Loading(median(nodes), median(programs) - median(nodes))


async def _node(stage: Stage, *arguments: str) -> None:
    environment = connector_environment(os.environ) | {"NODE_COMPILE_CACHE": str(stage.serve.folder.cache)}
    process = await asyncio.create_subprocess_exec(
        NODE, *OPTIONS, *arguments, cwd=ROOT, env=environment, stdin=DEVNULL, stdout=DEVNULL
    )
    assert await process.wait() == 0


if __name__ == "__main__":
    profile()
