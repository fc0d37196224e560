"""Measures, prints the table and writes bench/results.json: `python -m bench [EXPERIMENT…]`.

Exit code 0: every goal is met. Other work on the machine spoils the figures. Ratios suffer less, because
Motte and its baselines are measured by turns.
"""

import asyncio
import sys
import traceback
from time import monotonic
from types import ModuleType

import click

from bench.experiments import EXPERIMENTS
from bench.report import is_met, table, write
from bench.rows import Samples
from tests.capacity.census import load_average, machine

#: By name, in order.
NAMED = {module.__name__.rpartition(".")[2]: module for module in EXPERIMENTS}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(NAMED)), metavar="[EXPERIMENT]...")
def bench(names: tuple[str, ...]) -> None:
    """Measure all, or the named experiments."""
    click.echo(f"{machine()}; load {load_average()}\n")
    samples = Samples()
    for name in names or NAMED:
        _run(name, NAMED[name], samples)
    results = samples.results()
    write(results)
    click.echo(f"\n{table(results, samples.rows(), samples.checks)}\n\nload {load_average()}")
    sys.exit(not is_met(results, samples.checks))


def _run(name: str, experiment: ModuleType, samples: Samples) -> None:
    begun = monotonic()
    samples.declare(experiment.ROWS)
    try:
        asyncio.run(experiment.measure(samples))
    except Exception:  # What it has not measured counts as missed; the others go on.
        click.echo(traceback.format_exc())
    click.echo(f"{name}: {monotonic() - begun:.0f} s")


if __name__ == "__main__":
    bench()
