"""Capabilities: the parts of root's power, which a connector does not need (capabilities(7))."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from server.isolation import kernel

#: linux/capability.h
_VERSION_3: Final = 0x20080522
#: Passes over the modes of files.
DAC_OVERRIDE: Final = 1
_SETPCAP: Final = 8


class Held(NamedTuple):
    """Sets of capabilities of this process, one bit for each."""

    #: Those that it may use.
    permitted: int
    #: Those that a program of root gets when it is executed.
    inheritable: int


def held() -> Held:
    """Reads the capabilities of this process."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return Held(int(fields["CapPrm"], 16), int(fields["CapInh"], 16))


def drop(is_enough: Callable[[], bool]) -> None:
    """Drops all capabilities of what this process executes.

    is_enough: whether everything can be reached without any. If not, DAC_OVERRIDE stays: root runs Motte in a
    folder of another user, where the modes of the folder would keep it out. Raises OSError.
    """
    permitted, inheritable = held()
    if not permitted and not inheritable:
        return
    kept = 0 if _can_do_without(permitted, is_enough) else permitted & (1 << DAC_OVERRIDE)
    _limit(kept)
    kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    try:
        _set(effective=kept, permitted=kept)
    except PermissionError:  # a filter of system calls; the limit is enough for what is executed
        if inheritable:
            raise


def _can_do_without(permitted: int, is_enough: Callable[[], bool]) -> bool:
    try:
        _set(effective=0, permitted=permitted)
    except PermissionError:  # it cannot be tried
        return False
    found = is_enough()
    _set(effective=permitted & (1 << _SETPCAP), permitted=permitted)
    return found


def _limit(kept: int) -> None:
    """Removes capabilities from the bounding set: root would get those in it back with the next program."""
    for number in range(64):
        if kept & (1 << number):
            continue
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, number)
        except OSError:
            return  # this kernel has no more, or this process may not: then it is no root that gets any back


def _set(*, effective: int, permitted: int) -> None:
    header = struct.pack("=Ii", _VERSION_3, 0)
    words = (word & 0xFFFFFFFF for shift in (0, 32) for word in (effective >> shift, permitted >> shift, 0))
    kernel.capset(header, struct.pack("=6I", *words))
