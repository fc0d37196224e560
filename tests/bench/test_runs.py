"""One experiment: its time, its errors, and what it leaves."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import pytest

from bench.rows import Row, Samples
from bench.runs import run

ROW = Row(name="create", what="a create", unit="ms", direction="at-most", goal=100)


def experiment(measure: Callable[[Samples], Awaitable[None]], *, budget: float = 60) -> SimpleNamespace:
    return SimpleNamespace(ROWS=(ROW,), BUDGET=budget, measure=measure)


def test_an_experiment_fills_its_rows() -> None:
    async def measure(samples: Samples) -> None:
        samples.add("create", 50)

    ran = run("creates", experiment(measure), samples := Samples())
    assert ran.problem is None
    assert samples.results()["create"]["met"] is True
    assert ran.told() == "creates: 0 s of 60 s"


def test_one_that_takes_too_long_is_cut_and_what_it_has_measured_stays() -> None:
    has_stopped = False

    async def measure(samples: Samples) -> None:
        nonlocal has_stopped
        samples.add("create", 50)
        try:
            await asyncio.Event().wait()
        finally:
            has_stopped = True

    ran = run("creates", experiment(measure, budget=0.01), samples := Samples())
    assert ran.problem == "cut after 0.01 s"
    assert samples.results()["create"]["n"] == 1
    assert has_stopped


def test_patience_gives_it_more_time() -> None:
    async def measure(samples: Samples) -> None:
        await asyncio.sleep(0.02)

    assert run("creates", experiment(measure, budget=0.001), Samples(), patience=10_000).problem is None


def test_an_error_is_shown_and_the_next_experiment_can_run() -> None:
    async def measure(samples: Samples) -> None:
        raise TimeoutError("no answer")

    ran = run("creates", experiment(measure), samples := Samples())
    assert ran.problem is not None
    assert "TimeoutError: no answer" in ran.told()
    assert samples.results()["create"]["met"] is False


def test_ctrl_c_ends_the_run_once_the_experiment_has_stopped_what_it_started() -> None:
    has_stopped = False

    async def measure(samples: Samples) -> None:
        nonlocal has_stopped
        signal.raise_signal(signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            has_stopped = True

    with pytest.raises(KeyboardInterrupt):
        run("creates", experiment(measure), Samples())
    assert has_stopped
