"""Memory and processor time of processes, as the kernel counts them."""

import os
from pathlib import Path
from typing import NamedTuple, Self

from server.cli.sandbox.gateway import processes_of
from server.core.paths import StateFolder

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

#: The fields of /proc/<pid>/stat after the name: user and system time, and the start, in ticks (proc(5)).
USER, SYSTEM, START = 11, 12, 19


class Usage(NamedTuple):
    """Seconds of a core that each process of one Motte has used, by process."""

    seconds: dict[int, float]

    @classmethod
    def of(cls, folder: StateFolder) -> Self:
        """Returns that of now. A process that ends meanwhile is not in it."""
        found = {}
        for pid in processes_of(folder):
            try:
                found[pid] = _seconds(pid)
            except OSError:
                continue
        return cls(found)

    def since(self, before: Self) -> float:
        """Returns the seconds of a core that were used. Those of a process that has ended are lost."""
        return sum(seconds - before.seconds.get(pid, 0.0) for pid, seconds in self.seconds.items())


def pss(pid: int) -> float:
    """Returns the memory of a process in MiB. What several share is divided among them."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.partition("\nPss:")[2].split()[0]) / 1024


def began_at(pid: int) -> float:
    """Returns when a process began, in seconds of the boot clock, to a hundredth."""
    return int(_stat(pid)[START]) / TICKS_A_SECOND


def _seconds(pid: int) -> float:
    stat = _stat(pid)
    return (int(stat[USER]) + int(stat[SYSTEM])) / TICKS_A_SECOND


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
