"""Memory that this process may still use: what the host has left, and what the limits of its groups leave.

https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/memory.html describe the files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

KIB = 1024


class _Group(NamedTuple):
    """Files of a control group, in one of the two versions of the kernel's interface."""

    #: The hierarchy below `/sys/fs/cgroup`, and the field of `/proc/self/cgroup` that names it.
    folder: str
    controller: str
    limit: str
    usage: str
    #: Names in `memory.stat` of memory that the kernel takes back before it refuses any.
    inactive: str


GROUPS = (
    _Group("", "", "memory.max", "memory.current", "inactive_file"),
    _Group("memory", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def free_memory(root: Path = Path("/")) -> int | None:
    """Returns bytes, the least that any limit leaves; None if the system does not say.

    root: where `proc` and `sys` are.
    """
    found = [free for free in (_of_host(root), *_of_groups(root)) if free is not None]
    return max(min(found), 0) if found else None


def _of_host(root: Path) -> int | None:
    try:
        lines = (root / "proc" / "meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * KIB for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _of_groups(root: Path) -> Iterator[int | None]:
    """A limit of an outer group counts for all groups in it."""
    try:
        lines = (root / "proc" / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for group in GROUPS:
            if group.controller in controllers.split(","):
                top = root / "sys" / "fs" / "cgroup" / group.folder
                inner = Path(path.lstrip("/"))
                # A container may be given the path on its host, and sees its own group as the top.
                for place in (inner, *inner.parents):
                    yield _of_group(top / place, group)


def _of_group(folder: Path, group: _Group) -> int | None:
    try:
        limit = int((folder / group.limit).read_text())  # `max` is no number: there is no limit
        usage = int((folder / group.usage).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return limit - usage + int(stat.get(group.inactive, 0))
    except (OSError, ValueError):
        return None
