"""What a host with many more sessions would show."""

import pytest

from bench.growth import extrapolated


def test_a_figure_is_extrapolated_in_a_line_through_the_last_two() -> None:
    assert extrapolated((10, 50, 200), (3, 10, 25)) == pytest.approx(105)


def test_a_figure_that_does_not_grow_stays() -> None:
    assert extrapolated((10, 50, 200), (90, 30, 30)) == 30


def test_a_cost_that_falls_stays() -> None:
    assert extrapolated((50, 200), (3000, 2000)) == 2000


def test_a_rate_falls_and_does_not_grow() -> None:
    assert extrapolated((50, 200), (3000, 2900), is_rate=True) == pytest.approx(2366.67, abs=0.01)
    assert extrapolated((50, 200), (3000, 3100), is_rate=True) == 3100


def test_a_rate_does_not_fall_below_nothing() -> None:
    assert extrapolated((50, 200), (3000, 2000), is_rate=True) == 0
