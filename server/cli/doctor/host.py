"""What Motte needs of the host: right clocks."""

from datetime import UTC, datetime
from pathlib import Path

from server.cli.doctor.finding import Finding, ok, wrong
from server.core.clock import UPTIME_FILE, Clock

#: Years between which this Motte is likely to run.
YEARS = range(2026, 2100)

#: Seconds that the boot clock may be off /proc/uptime.
DRIFT = 0.1


def check_clock(clock: Clock, uptime: Path = UPTIME_FILE) -> Finding:
    """Codes expire by the boot clock, and are shown and logged by the wall clock."""
    drift = clock.boot() - float(uptime.read_text().split()[0])
    if abs(drift) > DRIFT:
        return wrong(
            "clock", f"the boot clock is {drift:.1f} s off {uptime}", "report it with your container's name"
        )
    now = datetime.fromtimestamp(clock.wall() / 1000, UTC)
    if now.year not in YEARS:
        return wrong("clock", f"the year is {now.year}", "set the host's clock: timedatectl, chrony")
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%SZ}")
