"""Clocks: wall time for what is shown, the boot clock for what is decided."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

UPTIME_FILE = Path("/proc/uptime")
BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")

#: A smaller difference is ignored: /proc/uptime has a resolution of 10 ms.
UPTIME_TOLERANCE_SECONDS = 0.02

#: How often /proc/uptime is read to find the reading with the shortest delay.
UPTIME_READINGS = 5


class Clock(Protocol):
    """Source of time. A process has one, which is passed to its users; tests pass one that they set."""

    @property
    def boot_id(self) -> str:
        """Id of the current boot. Moments of `boot` are comparable only within one boot."""

    def wall(self) -> int:
        """Milliseconds since 1970, UTC. It may be stepped, so use it only for what is shown."""

    def boot(self) -> float:
        """Seconds since boot, suspended time included, as /proc/uptime counts them. It is never stepped."""


class SystemClock:
    """The clocks of this host."""

    def __init__(self) -> None:
        self._shift = _shift()
        self._boot_id = BOOT_ID_FILE.read_text(encoding="utf-8").strip()

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
    """Seconds to add to CLOCK_BOOTTIME to get the value of /proc/uptime and of Node's os.uptime().

    Some containers shift one of them and not the other. Each reading is too small by its delay, so the
    largest difference is the most exact.
    """
    shift = max(uptime() - time.clock_gettime(time.CLOCK_BOOTTIME) for _ in range(UPTIME_READINGS))
    return 0.0 if abs(shift) < UPTIME_TOLERANCE_SECONDS else shift


def uptime() -> float:
    """Seconds since boot as /proc/uptime has them."""
    return float(UPTIME_FILE.read_text(encoding="utf-8").split()[0])
