"""Measurements become a row: medians, the ratio, and whether the goal is met."""

from typing import Any

import pytest

from bench.rows import Row, Samples

CREATE = Row(name="create", what="a create", unit="ms", direction="at-most", goal=0.5, against="bare")
RATE = Row(name="rate", what="reads", unit="requests/s", direction="at-least", goal=0.6, against="aiohttp")
VERSION = Row(name="version", what="a command", unit="ms", direction="at-most", goal=120)
SHOWN = Row(name="shown", what="a figure", unit="ms", direction="at-most", goal=None)


def result(row: Row, values: list[float], baselines: tuple[float, ...] = ()) -> dict[str, Any]:
    samples = Samples()
    samples.declare((row,))
    for value in values:
        samples.add(row.name, value)
    for value in baselines:
        samples.add_baseline(row.name, value)
    return samples.results()[row.name]


def test_a_row_has_medians_their_ratio_and_the_spread() -> None:
    assert result(CREATE, [100, 180, 120], (400, 380, 900)) == {
        "value": 120,
        "unit": "ms",
        "baseline": 400,
        "ratio": 0.3,
        "goal": 0.5,
        "direction": "at-most",
        "n": 3,
        "spread": 0.6667,
        "met": True,
    }


@pytest.mark.parametrize(("value", "is_met"), [(200, True), (201, False)])
def test_at_most_compares_the_ratio_with_the_goal(value: float, is_met: bool) -> None:
    assert result(CREATE, [value], (400,))["met"] is is_met


@pytest.mark.parametrize(("value", "is_met"), [(12_000, True), (11_900, False)])
def test_at_least_compares_the_ratio_with_the_goal(value: float, is_met: bool) -> None:
    assert result(RATE, [value], (20_000,))["met"] is is_met


@pytest.mark.parametrize(("value", "is_met"), [(120, True), (121, False)])
def test_without_a_baseline_the_value_is_compared(value: float, is_met: bool) -> None:
    row = result(VERSION, [value])
    assert (row["met"], row["baseline"], row["ratio"]) == (is_met, None, None)


def test_a_goal_of_nothing_is_met_by_nothing_alone() -> None:
    links = Row(name="links", what="links that break", unit="links", direction="at-most", goal=0)
    assert result(links, [0])["met"] is True
    assert result(links, [1])["met"] is False


def test_a_row_without_a_measurement_has_missed_its_goal() -> None:
    row = result(VERSION, [])
    assert (row["met"], row["value"], row["n"]) == (False, None, 0)


def test_a_row_whose_baseline_was_not_measured_has_missed_its_goal() -> None:
    assert result(CREATE, [1])["met"] is False


def test_a_row_without_a_goal_is_only_shown() -> None:
    assert result(SHOWN, [7])["met"] is None


def test_two_rows_of_one_name_are_refused() -> None:
    samples = Samples()
    samples.declare((CREATE,))
    with pytest.raises(ValueError, match="two rows create"):
        samples.declare((CREATE,))
