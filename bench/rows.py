"""Rows of the table: what is measured, its goal, and what came out."""

from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from bench.baseline_checks import BaselineCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    name: str
    #: What is measured, for a reader of the table.
    what: str
    unit: str
    direction: Literal["at-most", "at-least"]
    #: Compared with the ratio to the baseline, or with the value if there is no baseline. None: only shown.
    goal: float | None
    #: What the value is divided by: a script of bench/baselines/, with what it does. None: nothing.
    against: str | None = None


class Samples:
    """What experiments have measured so far."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._values: dict[str, list[float]] = {}
        self._baselines: dict[str, list[float]] = {}
        self.checks: list[BaselineCheck] = []

    def declare(self, rows: tuple[Row, ...]) -> None:
        """Adds rows that an experiment is about to measure. Raises ValueError if a name is taken."""
        for row in rows:
            if row.name in self._rows:
                raise ValueError(f"there are two rows {row.name}")
            self._rows[row.name] = row
            self._values[row.name] = []
            self._baselines[row.name] = []

    def add(self, name: str, value: float) -> None:
        """Adds one measurement of Motte, in the row's unit."""
        self._values[name].append(value)

    def add_baseline(self, name: str, value: float) -> None:
        """Adds one measurement of the row's baseline, in the row's unit. Measure both by turns."""
        self._baselines[name].append(value)

    def baseline(self, name: str) -> float:
        """Returns the median of a row's baseline so far."""
        return median(self._baselines[name])

    def results(self) -> dict[str, dict[str, Any]]:
        """Returns the results, by row. A row without a measurement has missed its goal."""
        return {name: self._result(row) for name, row in self._rows.items()}

    def rows(self) -> dict[str, Row]:
        """Returns the rows, by name."""
        return dict(self._rows)

    def _result(self, row: Row) -> dict[str, Any]:
        values, baselines = self._values[row.name], self._baselines[row.name]
        value = median(values) if values else None
        baseline = median(baselines) if baselines else None
        ratio = value / baseline if value is not None and baseline else None
        compared = value if row.against is None else ratio
        return {
            "value": _rounded(value),
            "unit": row.unit,
            "baseline": _rounded(baseline),
            "ratio": _rounded(ratio),
            "goal": row.goal,
            "direction": row.direction,
            "n": len(values),
            #: (largest - smallest) / median of the values.
            "spread": _rounded((max(values) - min(values)) / value if values and value else None),
            "met": None if row.goal is None else compared is not None and _meets(row, compared),
        }


def _meets(row: Row, compared: float) -> bool:
    goal = row.goal or 0.0
    return compared <= goal if row.direction == "at-most" else compared >= goal


def _rounded(value: float | None) -> float | None:
    """Returns the value with four significant digits."""
    return None if value is None else float(f"{value:.4g}")
