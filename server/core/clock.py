"""The clocks: wall time for showing, the boot clock for deciding."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

UPTIME = Path("/proc/uptime")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

#: Seconds. /proc/uptime moves in steps of 10 ms: a difference as small as that is none.
STEP = 0.02

#: Readings of /proc/uptime to find the one with the least delay.
READINGS = 5


class Clock(Protocol):
    """What tells the time. There is one in a process, handed to whoever needs it; tests turn theirs."""

    @property
    def boot_id(self) -> str:
        """The boot whose seconds `boot` counts: what it said in another boot means nothing in this one."""

    def wall(self) -> int:
        """Milliseconds since 1970, UTC. It may be stepped: for showing alone."""

    def boot(self) -> float:
        """Seconds since boot, sleep included, on the scale of /proc/uptime. It never steps."""


class SystemClock:
    """The clocks of this host."""

    def __init__(self) -> None:
        self._shift = _shift()
        self._boot_id = BOOT_ID.read_text().strip()

    @property
    def boot_id(self) -> str:
        return self._boot_id

    def wall(self) -> int:
        return time.time_ns() // 1_000_000

    def boot(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME) + self._shift


def iso(moment: int) -> str:
    """`2026-05-25T12:01:30.000Z`. moment: milliseconds since 1970."""
    return (datetime(1970, 1, 1) + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds") + "Z"


def _shift() -> float:
    """Seconds to add to CLOCK_BOOTTIME to count as /proc/uptime does, and Node's os.uptime() with it.

    Some containers shift the one and not the other. Each reading errs by its delay, always to the same
    side: the largest is the best.
    """
    shift = max(_uptime() - time.clock_gettime(time.CLOCK_BOOTTIME) for _ in range(READINGS))
    return 0.0 if abs(shift) < STEP else shift


def _uptime() -> float:
    return float(UPTIME.read_text().split()[0])
