"""`python -m bench`: its exit code, and what it writes."""

import json
import signal
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from bench.__main__ import NAMED, bench
from bench.rows import Row, Samples

ROW = Row(name="create", what="a create", unit="ms", direction="at-most", goal=100)


@pytest.fixture(autouse=True)
def signals() -> Generator[None]:
    """The command sets handlers."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


def ran(monkeypatch: pytest.MonkeyPatch, file: Path, milliseconds: float | None) -> Result:
    """A run of one experiment that takes so long, or fails."""

    async def measure(samples: Samples) -> None:
        assert milliseconds is not None, "WhatsApp is away"
        samples.add("create", milliseconds)

    monkeypatch.setitem(NAMED, "creates", SimpleNamespace(ROWS=(ROW,), BUDGET=60, measure=measure))
    return CliRunner().invoke(bench, ["creates", "--output", str(file)])


def test_the_exit_code_is_0_if_every_goal_is_met(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    result = ran(monkeypatch, file, 100)
    assert result.exit_code == 0, result.output
    assert json.loads(file.read_text())["create"]["met"] is True


def test_the_exit_code_is_1_if_a_goal_is_missed(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    result = ran(monkeypatch, file, 101)
    assert result.exit_code == 1
    assert "MISSED" in result.output
    assert json.loads(file.read_text())["create"]["met"] is False


def test_the_exit_code_is_1_if_an_experiment_fails(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    result = ran(monkeypatch, file, None)
    assert result.exit_code == 1
    assert "WhatsApp is away" in result.output
    assert json.loads(file.read_text())["create"] == {
        **dict.fromkeys(("value", "baseline", "ratio", "spread")),
        "unit": "ms",
        "goal": 100,
        "direction": "at-most",
        "n": 0,
        "met": False,
    }
