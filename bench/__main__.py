"""Measures, prints the table and writes bench/results.json: `python -m bench [EXPERIMENT…]`.

Exit code 0: every goal is met. Other work on the machine spoils the figures. Ratios suffer less, because
Motte and its baselines are measured by turns.
"""

import sys
from pathlib import Path

import click

from bench.experiments import EXPERIMENTS
from bench.report import RESULTS, is_met, table, write
from bench.rows import Samples
from bench.runs import end_on_signals, run
from tests.capacity.census import load_average, machine

#: By name, in order.
NAMED = {module.__name__.rpartition(".")[2]: module for module in EXPERIMENTS}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(NAMED)), metavar="[EXPERIMENT]...")
@click.option(
    "--patience", default=1.0, help="multiplies the time that each experiment may take, on a busy machine"
)
@click.option("--output", type=click.Path(path_type=Path), default=RESULTS, help="where the results go")
def bench(names: tuple[str, ...], patience: float, output: Path) -> None:
    """Measure all, or the named experiments."""
    end_on_signals()
    click.echo(f"{machine()}; load {load_average()}\n")
    samples = Samples()
    runs = []
    for name in names or NAMED:
        runs.append(run(name, NAMED[name], samples, patience=patience))
        click.echo(f"{runs[-1].told()}, load {load_average()}")
    results = samples.results()
    write(results, output)
    click.echo(f"\n{table(results, samples, runs)}")
    sys.exit(not is_met(results, samples.checks, runs))


if __name__ == "__main__":
    bench()
