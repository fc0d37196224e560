"""Runs one experiment within its time, and leaves no process or folder behind."""

import asyncio
import signal
import traceback
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from bench.rows import Row, Samples


class Experiment(Protocol):
    """A module of bench/experiments/."""

    #: What it measures.
    ROWS: tuple[Row, ...]
    #: Seconds after which it is cut. On two quiet cores it takes less.
    BUDGET: float

    async def measure(self, samples: Samples) -> None:
        """Fills the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How one experiment went."""

    name: str
    #: Seconds that it took, and that it may take.
    seconds: float
    budget: float
    #: Why it ended early; None if it did not. What it has measured until then is in the table.
    problem: str | None = None

    def told(self) -> str:
        """Returns this as a line."""
        line = f"{self.name}: {self.seconds:.0f} s of {self.budget:.0f} s"
        return line if self.problem is None else f"{line}\n{self.problem}"


def run(name: str, experiment: Any, samples: Samples, *, patience: float = 1.0) -> Run:
    """Runs an experiment. Errors and a cut become the `problem`; the next experiment can run.

    experiment: an Experiment. What it started is stopped: each experiment does so when it is cancelled.
    patience: what its budget is multiplied by.
    Raises KeyboardInterrupt after SIGINT or SIGTERM, when all is stopped.
    """
    samples.declare(experiment.ROWS)
    budget = experiment.BUDGET * patience
    begun = monotonic()
    try:
        problem = asyncio.run(_within(budget, experiment, samples))
    except Exception:
        problem = traceback.format_exc()
    return Run(name=name, seconds=monotonic() - begun, budget=budget, problem=problem)


async def _within(budget: float, experiment: Experiment, samples: Samples) -> str | None:
    limit = asyncio.timeout(budget)
    try:
        async with limit:
            await experiment.measure(samples)
    except TimeoutError:
        if not limit.expired():
            raise
        return f"cut after {budget:g} s"
    return None


def end_on_signals() -> None:
    """Makes the first SIGINT or SIGTERM end the run in order, also in the background of a shell.

    asyncio.run turns SIGINT into a cancellation, so that experiments stop what they started.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # timeout(1) sends it twice
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, interrupt)
