"""The wall clock decides only after what it shows has stood against the boot clock."""

import logging
from pathlib import Path

import pytest

from server.core.checked_clock import LOOK_SECONDS, STAND_SECONDS, TOLERANCE_MS, CheckedClock
from tests.support.clock import TurnedClock

DAY = 86_400
FIRST = 1_779_710_400_000


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(wall=FIRST)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


async def looking(checked: CheckedClock, clock: TurnedClock, seconds: float) -> None:
    """Lets time pass, with a look each minute."""
    await checked.look()
    for _ in range(int(seconds / LOOK_SECONDS)):
        clock.advance(LOOK_SECONDS)
        await checked.look()


@pytest.fixture
async def checked(clock: TurnedClock, file: Path) -> CheckedClock:
    """One that believes the wall clock, an hour after its first start."""
    checked = CheckedClock(clock, file)
    checked.load()
    await looking(checked, clock, STAND_SECONDS)
    return checked


async def test_a_first_start_knows_nothing_for_an_hour(clock: TurnedClock, file: Path) -> None:
    checked = CheckedClock(clock, file)
    checked.load()
    await looking(checked, clock, STAND_SECONDS - LOOK_SECONDS)
    assert (checked.certain(), checked.wall()) == (None, clock.wall())
    await looking(checked, clock, LOOK_SECONDS)
    assert checked.certain() == clock.wall()


async def test_between_two_looks_the_boot_clock_goes_on(checked: CheckedClock, clock: TurnedClock) -> None:
    clock.advance(30)
    assert checked.certain() == FIRST + (STAND_SECONDS + 30) * 1000


@pytest.mark.parametrize("step", [8 * DAY, -8 * DAY])
async def test_a_step_that_does_not_stand_for_an_hour_changes_nothing(
    checked: CheckedClock, clock: TurnedClock, step: int
) -> None:
    right = clock.wall()
    clock.step_wall(step)
    await looking(checked, clock, STAND_SECONDS - LOOK_SECONDS)
    clock.step_wall(-step)
    await looking(checked, clock, 2 * STAND_SECONDS)
    assert checked.certain() == clock.wall() == right + (3 * STAND_SECONDS - LOOK_SECONDS) * 1000


@pytest.mark.parametrize("step", [8 * DAY, -8 * DAY])
async def test_a_step_that_stands_for_an_hour_is_believed(
    checked: CheckedClock, clock: TurnedClock, step: int
) -> None:
    before = checked.certain()
    clock.step_wall(step)
    await looking(checked, clock, STAND_SECONDS - LOOK_SECONDS)
    assert checked.certain() == (before or 0) + (STAND_SECONDS - LOOK_SECONDS) * 1000
    await looking(checked, clock, LOOK_SECONDS)
    assert checked.certain() == clock.wall()


async def test_a_clock_that_is_set_again_and_again_is_never_believed(
    checked: CheckedClock, clock: TurnedClock
) -> None:
    right = clock.wall()
    for _ in range(10):
        clock.step_wall(8 * DAY)
        await looking(checked, clock, STAND_SECONDS / 2)
    assert checked.certain() == right + 5 * STAND_SECONDS * 1000


async def test_what_is_less_than_a_step_is_followed_at_once(
    checked: CheckedClock, clock: TurnedClock
) -> None:
    clock.step_wall(TOLERANCE_MS / 1000)
    await checked.look()
    assert checked.certain() == clock.wall()
    clock.step_wall(TOLERANCE_MS / 1000 + 0.001)
    await checked.look()
    assert checked.certain() == clock.wall() - TOLERANCE_MS - 1


async def test_a_front_that_starts_again_goes_on_with_the_hour(
    checked: CheckedClock, clock: TurnedClock, file: Path
) -> None:
    clock.step_wall(8 * DAY)
    await checked.look()
    clock.advance(STAND_SECONDS - 1)
    later = CheckedClock(clock, file)
    later.load()
    await later.look()
    assert later.certain() == clock.wall() - 8 * DAY * 1000
    clock.advance(1)
    await later.look()
    assert later.certain() == clock.wall()


async def test_after_a_reboot_only_the_time_since_then_has_passed_for_certain(
    checked: CheckedClock, clock: TurnedClock, file: Path
) -> None:
    before = checked.certain()
    clock.step_wall(8 * DAY)
    clock.reboot("boot-2")
    clock.advance(100)
    later = CheckedClock(clock, file)
    later.load()
    await later.look()
    assert later.certain() == (before or 0) + 100_000
    await looking(later, clock, STAND_SECONDS)
    assert later.certain() == clock.wall()


async def test_no_stamp_is_before_what_has_passed_for_certain(
    checked: CheckedClock, clock: TurnedClock
) -> None:
    """A stamp of 1970 would be too old once the clock is right."""
    right = clock.wall()
    clock.step_wall(-right / 1000)
    assert (clock.wall(), checked.wall()) == (0, right)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b'{"believed": 1}', b"\xff", b"[" * 5000),
        *(b'{"believed":{"wall":%s,"boot":1,"bootId":"1"}}' % wall for wall in (b"-1", b"1e30", b"9" * 20)),
        *(b'{"believed":{"wall":1,"boot":%s,"bootId":"1"}}' % boot for boot in (b"-1e300", b"1e300")),
    ],
)
def test_a_damaged_file_counts_as_none(
    clock: TurnedClock, file: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_bytes(content)
    checked = CheckedClock(clock, file)
    checked.load()
    assert checked.certain() is None
    assert "clock_not_read" in caplog.text


async def test_a_file_that_cannot_be_written_costs_a_line(
    clock: TurnedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    checked = CheckedClock(clock, tmp_path / "missing" / "clock.json")
    await looking(checked, clock, STAND_SECONDS)
    assert checked.certain() == clock.wall()
    assert "clock_not_written" in caplog.text


async def test_a_step_leaves_a_line(
    checked: CheckedClock, clock: TurnedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock.step_wall(8 * DAY)
    await looking(checked, clock, STAND_SECONDS)
    assert [line for line in caplog.messages if "clock_" in line] == [
        f"event=clock_stepped seconds={8 * DAY}",
        f"event=clock_believed wall={clock.wall()}",
    ]
