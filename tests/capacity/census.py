"""What the processes of one Motte hold and use, as the kernel counts it."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from server.cli.sandbox.gateway import processes_of
from server.core.paths import StateFolder

#: A process, by a part of its command line.
ROLES = {
    "connector": re.compile(rb"connector/(bundle/)?main\.c?js"),
    "front": re.compile(rb"-m\0server\0front"),
    "supervisord": re.compile(rb"server\.supervisor_plugin\.daemon"),
}

#: Between fork and exec, a child has the command line of its parent, or none.
OTHER = "other"

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

#: The fields of /proc/<pid>/stat after the name: user and system time, in ticks.
USER, SYSTEM = 11, 12


class Process(NamedTuple):
    """One process, now."""

    role: str
    #: MiB. Memory that several share is divided among them.
    pss: float
    #: Seconds of a core, since it began.
    cpu: float
    threads: int
    descriptors: int

    @classmethod
    def read(cls, pid: int) -> Self:
        """Raises OSError where it has ended."""
        folder = Path("/proc", str(pid))
        stat = (folder / "stat").read_text().rpartition(")")[2].split()
        command = (folder / "cmdline").read_bytes()
        return cls(
            role=next((role for role, mark in ROLES.items() if mark.search(command)), OTHER),
            pss=_kilobytes((folder / "smaps_rollup").read_text(), "Pss:") / 1024,
            cpu=(int(stat[USER]) + int(stat[SYSTEM])) / TICKS_A_SECOND,
            threads=len(list((folder / "task").iterdir())),
            descriptors=len(list((folder / "fd").iterdir())),
        )


class Census(NamedTuple):
    """All of them."""

    processes: list[Process]

    @classmethod
    def take(cls, folder: StateFolder) -> Self:
        """A process that ends meanwhile is not in it."""
        processes = []
        for pid in processes_of(folder):
            with suppress(OSError):
                processes.append(Process.read(pid))
        return cls(processes)

    @property
    def cpu(self) -> float:
        """Seconds of a core, since each began."""
        return sum(process.cpu for process in self.processes)

    def of(self, role: str) -> list[Process]:
        return [process for process in self.processes if process.role == role]

    def pss(self, role: str | None = None) -> float:
        """MiB of one role, or of all together."""
        return sum(process.pss for process in (self.of(role) if role else self.processes))

    def most_threads(self, role: str) -> int:
        return max((process.threads for process in self.of(role)), default=0)

    def descriptors(self, role: str) -> int:
        return sum(process.descriptors for process in self.of(role))


def load_average() -> str:
    """Of the last minute. Well above the number of cores, others use them too: times are too long then."""
    return f"{os.getloadavg()[0]:.1f}"


def machine() -> str:
    """What these figures were taken on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB"


def _kilobytes(text: str, field: str) -> int:
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(field))
