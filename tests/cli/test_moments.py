"""Moments as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from server.cli.common.moments import ago, left

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "past", "future"),
    [
        (0.5, "now", "in 1 s"),
        (1, "1 s ago", "in 1 s"),
        (119, "119 s ago", "in 119 s"),
        (120, "2 min ago", "in 2 min"),
        (7_199, "119 min ago", "in 120 min"),
        (7_200, "2 h ago", "in 2 h"),
        (172_799, "47 h ago", "in 48 h"),
        (172_800, "2 d ago", "in 2 d"),
    ],
)
def test_a_moment_has_one_unit_of_which_there_are_two_at_least(
    seconds: float, past: str, future: str
) -> None:
    assert ago((NOW - timedelta(seconds=seconds)).isoformat(), NOW) == past
    assert left((NOW + timedelta(seconds=seconds)).isoformat(), NOW) == future


def test_a_moment_of_another_clock_is_now_or_over() -> None:
    """The clocks of two hosts differ."""
    assert ago((NOW + timedelta(seconds=9)).isoformat(), NOW) == "now"
    assert left((NOW - timedelta(seconds=9)).isoformat(), NOW) == "over"


def test_no_moment_stays_none() -> None:
    assert (ago(None), left(None)) == (None, None)
