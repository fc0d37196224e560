"""The clocks, and how a moment is shown."""

import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core import clock as module
from server.core.clock import Clock, SystemClock, iso
from tests.support.clock import TurnedClock

#: Seconds: what a busy machine may take between two readings.
DELAY = 1.0


def test_the_boot_clock_counts_as_the_uptime_that_node_reads() -> None:
    uptime = float(Path("/proc/uptime").read_text().split()[0])

    assert SystemClock().boot() == pytest.approx(uptime, abs=DELAY)


def test_the_boot_clock_follows_an_uptime_that_a_container_has_shifted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    uptime = tmp_path / "uptime"
    uptime.write_text("17.03 20.00\n")
    monkeypatch.setattr(module, "UPTIME_FILE", uptime)

    assert SystemClock().boot() == pytest.approx(17.03, abs=DELAY)


def test_the_steps_of_the_uptime_are_no_shift() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    now = SystemClock().boot()
    after = time.clock_gettime(time.CLOCK_BOOTTIME)

    assert before <= now <= after


def test_two_clocks_of_one_host_name_the_same_boot() -> None:
    assert SystemClock().boot_id == SystemClock().boot_id != ""


def test_the_wall_clock_counts_milliseconds() -> None:
    assert SystemClock().wall() == pytest.approx(time.time() * 1000, abs=DELAY * 1000)


def test_a_moment_is_shown_in_utc_with_milliseconds_and_a_z() -> None:
    assert iso(1_779_710_490_000) == "2026-05-25T12:01:30.000Z"
    assert iso(7) == "1970-01-01T00:00:00.007Z"


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_a_shown_moment_reads_back_as_the_same_millisecond(moment: int) -> None:
    assert round(datetime.fromisoformat(iso(moment)).timestamp() * 1000) == moment


def test_the_clock_that_tests_turn_moves_only_when_it_is_turned() -> None:
    clock: Clock = TurnedClock(wall=5000, boot=100.0)
    assert (clock.wall(), clock.boot(), clock.boot_id) == (5000, 100.0, "boot-1")


def test_time_that_goes_by_moves_both_clocks() -> None:
    clock = TurnedClock(wall=5000, boot=100.0)

    clock.advance(2.5)

    assert (clock.wall(), clock.boot()) == (7500, 102.5)


def test_a_step_of_the_wall_clock_leaves_the_boot_clock_alone() -> None:
    clock = TurnedClock(wall=5000, boot=100.0)

    clock.step_wall(-3)

    assert (clock.wall(), clock.boot()) == (2000, 100.0)


def test_a_reboot_begins_a_new_count_under_a_new_name() -> None:
    clock = TurnedClock(wall=5000, boot=100.0)

    clock.reboot("boot-2")

    assert (clock.wall(), clock.boot(), clock.boot_id) == (5000, 0.0, "boot-2")
