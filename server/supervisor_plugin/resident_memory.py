"""Resident memory of a process, read from /proc."""

import os

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(pid: int) -> int | None:
    """None if the process does not exist. Reads `statm`: the kernel has to compute `smaps`."""
    try:
        statm = os.open(f"/proc/{pid}/statm", os.O_RDONLY)
    except OSError:
        return None
    try:
        return int(os.read(statm, 200).split()[1]) * PAGE_BYTES
    except (OSError, IndexError):
        return None
    finally:
        os.close(statm)
