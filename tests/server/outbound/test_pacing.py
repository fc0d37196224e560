"""The pace of sending."""

import pytest

from server.outbound.pacing import BURST, JITTER, Pace


def test_five_go_at_once_and_the_sixth_waits() -> None:
    pace = Pace(1.0)
    for _ in range(BURST):
        assert pace.wait(100.0) == 0.0
        pace.take(100.0)
    assert 1 - JITTER <= pace.wait(100.0) <= 1 + JITTER


def test_after_the_burst_the_average_is_the_rate() -> None:
    pace = Pace(2.0)
    now, intervals, taken = 0.0, [], 0
    while taken < 1000:
        wait = pace.wait(now)
        if wait == 0.0:
            pace.take(now)
            taken += 1
        else:
            intervals.append(wait)
            now += wait
    assert (taken - BURST) / now == pytest.approx(2.0, rel=0.05)
    assert len(set(intervals)) > 900
    assert all(0.5 * (1 - JITTER) - 1e-9 <= interval <= 0.5 * (1 + JITTER) + 1e-9 for interval in intervals)


def test_a_rest_fills_the_burst_and_no_more() -> None:
    pace = Pace(1.0)
    for _ in range(BURST):
        pace.take(0.0)
    for _ in range(BURST):
        assert pace.wait(1000.0) == 0.0
        pace.take(1000.0)
    assert pace.wait(1000.0) > 0.0


def test_a_rate_of_zero_is_no_limit() -> None:
    pace = Pace(0.0)
    for _ in range(10_000):
        assert pace.wait(0.0) == 0.0
        pace.take(0.0)
