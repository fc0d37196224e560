"""Check of the host's clocks."""

from datetime import UTC, datetime
from pathlib import Path

from server.cli.doctor.finding import Finding, ok, wrong
from server.core.clock import UPTIME_FILE, Clock

#: A clock that shows another year is wrong.
PLAUSIBLE_YEARS = range(2026, 2100)

#: Difference that the boot clock may have from /proc/uptime.
MAX_CLOCK_DRIFT_SECONDS = 0.1


def check_clock(clock: Clock, uptime: Path = UPTIME_FILE) -> Finding:
    """The clocks are right. Codes expire by the boot clock; the wall clock is shown and logged."""
    drift = clock.boot() - float(uptime.read_text(encoding="utf-8").split()[0])
    if abs(drift) > MAX_CLOCK_DRIFT_SECONDS:
        return wrong(
            "clock", f"the boot clock is {drift:.1f} s off {uptime}", "report it with your container's name"
        )
    now = datetime.fromtimestamp(clock.wall() / 1000, UTC)
    if now.year not in PLAUSIBLE_YEARS:
        return wrong("clock", f"the year is {now.year}", "set the host's clock: timedatectl, chrony")
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%SZ}")
