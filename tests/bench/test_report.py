"""What a run prints and writes, and whether it has succeeded."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.baseline_checks import check_speed
from bench.report import is_met, table, write
from bench.rows import Row, Samples
from bench.runs import Run

FAST, SLOW = (check_speed("in-process create", ms, bare=378) for ms in (30, 60))
WHOLE = Run(name="creates", seconds=9, budget=45)
CUT = Run(name="creates", seconds=45, budget=45, problem="cut after 45 s")


@pytest.fixture
def samples() -> Samples:
    made = Samples()
    made.declare(
        (
            Row(name="create", what="a create", unit="ms", direction="at-most", goal=0.5, against="bare.mjs"),
            Row(name="version", what="a command", unit="ms", direction="at-most", goal=120),
            Row(name="shown", what="a figure", unit="ms", direction="at-most", goal=None),
        )
    )
    made.add("create", 100)
    made.add_baseline("create", 400)
    made.add("version", 60)
    return made


def test_a_run_succeeds_if_all_goals_are_met(samples: Samples) -> None:
    assert is_met(samples.results(), [FAST], [WHOLE])


def test_a_missed_goal_fails_it(samples: Samples) -> None:
    for _ in range(2):
        samples.add("version", 130)
    assert not is_met(samples.results(), [FAST], [WHOLE])


def test_a_slow_baseline_fails_it(samples: Samples) -> None:
    assert not is_met(samples.results(), [FAST, SLOW], [WHOLE])


def test_an_experiment_that_ended_early_fails_it(samples: Samples) -> None:
    assert not is_met(samples.results(), [FAST], [WHOLE, CUT])


def test_the_table_shows_baselines_with_their_own_figures_and_what_they_are(samples: Samples) -> None:
    lines = table(samples.results(), samples, [WHOLE]).splitlines()
    assert lines[1].split() == ["create", "100", "ms", "400", "0.25", "<=", "0.5", "1", "0%", "yes"]
    assert "create: a create (baseline: bare.mjs)" in lines


def test_the_table_shows_slow_baselines_cut_experiments_and_the_time(samples: Samples) -> None:
    samples.checks.append(SLOW)
    shown = table(samples.results(), samples, [WHOLE, CUT])
    assert "baseline in-process create: 0.159, at most 0.121: MISSED" in shown
    assert "creates ended early" in shown
    assert shown.endswith("54 s in all")


def test_the_file_has_an_object_for_each_row(samples: Samples, tmp_path: Path) -> None:
    write(samples.results(), file := tmp_path / "results.json")
    results: dict[str, dict[str, Any]] = json.loads(file.read_text())
    assert list(results) == ["create", "version", "shown"]
    keys = ["value", "unit", "baseline", "ratio", "goal", "direction", "n", "spread", "met"]
    assert all(list(result) == keys for result in results.values())
