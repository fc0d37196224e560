"""What is measured: rows, their pages, the time of all, and the baselines."""

import re
from pathlib import Path

import pytest

from bench.baseline import FOLDER
from bench.experiments import EXPERIMENTS
from tests.project.packages import ROOT

#: The page, and its table of rows.
PAGE = (ROOT / "docs" / "performance.md").read_text()
TABLE = PAGE.partition("|---|---|---|---|\n")[2].partition("\n\n")[0]

ROWS = [row for experiment in EXPERIMENTS for row in experiment.ROWS]

#: Seconds for everything, of which stops after a cut need some.
ALL = 600


def test_no_two_rows_have_the_same_name() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_all_experiments_together_take_less_than_ten_minutes() -> None:
    assert sum(experiment.BUDGET for experiment in EXPERIMENTS) < ALL


def test_the_page_has_each_row_with_its_goal() -> None:
    shown = dict(re.findall(r"^\| ([a-z0-9-]+) \| ?([^|]*?) \|", TABLE, re.MULTILINE))
    assert shown == {row.name: "" if row.goal is None else _goal(row.goal, row.direction) for row in ROWS}


@pytest.mark.parametrize("file", [*FOLDER.glob("*.py"), *FOLDER.glob("*.mjs")], ids=lambda file: file.name)
def test_a_baseline_has_eighty_lines_at_most(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 80


def _goal(goal: float, direction: str) -> str:
    return f"{'≤' if direction == 'at-most' else '≥'} {goal:g}"
