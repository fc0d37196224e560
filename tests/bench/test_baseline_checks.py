"""A baseline that has become slow fails the run."""

from pathlib import Path

import pytest

from bench import experiments
from bench.baseline_checks import BARE_MEMORY, FIRST, check_memory, check_speed

EXPERIMENTS = "".join(file.read_text() for file in Path(experiments.__file__).parent.glob("*.py"))


@pytest.mark.parametrize(("milliseconds", "is_met"), [(50, True), (51, False)])
def test_a_baseline_may_be_a_fifth_slower_than_when_the_goals_were_set(
    milliseconds: float, is_met: bool
) -> None:
    """An in-process create took 42 ms at most, while a bare script took 416 ms."""
    assert check_speed("in-process create", milliseconds, bare=416).met is is_met


def test_a_machine_of_half_the_speed_is_slow_for_the_baseline_and_for_the_bare_script() -> None:
    fast = check_speed("in-process kill", 1000, bare=378)
    slow = check_speed("in-process kill", 2000, bare=756)
    assert (fast.met, fast.ratio, fast.most) == (slow.met, slow.ratio, slow.most)


def test_a_bare_script_may_hold_a_fifth_more_than_when_the_goals_were_set() -> None:
    assert check_memory(1.2 * BARE_MEMORY).met
    assert not check_memory(1.21 * BARE_MEMORY).met


@pytest.mark.parametrize("name", FIRST)
def test_every_baseline_with_a_first_figure_is_checked(name: str) -> None:
    assert f'"{name}"' in EXPERIMENTS
