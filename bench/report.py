"""What a run prints and writes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.baseline_checks import BaselineCheck
from bench.rows import Row, Samples
from bench.runs import Run

#: The results of the last run. It is not part of the repository.
RESULTS = Path(__file__).with_name("results.json")

HEAD = ("row", "value", "baseline", "ratio", "goal", "n", "spread", "met")


def write(results: dict[str, dict[str, Any]], path: Path) -> None:
    """Writes the results as JSON."""
    path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


def table(results: dict[str, dict[str, Any]], samples: Samples, runs: Sequence[Run]) -> str:
    """Returns the table as text. Below it are what each row measures, the baselines and the times."""
    lines = [HEAD, *(_line(name, result) for name, result in results.items())]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    shown = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines]
    notes = [f"{name}: {row.what}{_against(row)}" for name, row in samples.rows().items()]
    verdicts = [
        f"baseline {check.name}: {check.ratio:.3g}, at most {check.most:.3g}: {_verdict(check.met)}"
        for check in samples.checks
    ]
    early = [f"{run.name} ended early" for run in runs if run.problem is not None]
    seconds = f"{sum(run.seconds for run in runs):.0f} s in all"
    return "\n".join([*(line.rstrip() for line in shown), "", *notes, "", *verdicts, *early, seconds])


def is_met(
    results: dict[str, dict[str, Any]], checks: Sequence[BaselineCheck], runs: Sequence[Run] = ()
) -> bool:
    """Whether every goal is met, every baseline is good enough and every experiment came to its end."""
    return (
        all(result["met"] is not False for result in results.values())
        and all(check.met for check in checks)
        and all(run.problem is None for run in runs)
    )


def _line(name: str, result: dict[str, Any]) -> tuple[str, ...]:
    bound = "<=" if result["direction"] == "at-most" else ">="
    return (
        name,
        f"{_number(result['value'])} {result['unit']}",
        _number(result["baseline"]),
        _number(result["ratio"]),
        "-" if result["goal"] is None else f"{bound} {result['goal']:g}",
        str(result["n"]),
        "-" if result["spread"] is None else f"{result['spread']:.0%}",
        _verdict(result["met"]),
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _verdict(met: bool | None) -> str:
    return "-" if met is None else "yes" if met else "MISSED"


def _against(row: Row) -> str:
    return "" if row.against is None else f" (baseline: {row.against})"
