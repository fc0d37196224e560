"""How much memory a process has resident, read from /proc."""

import os

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int) -> int | None:
    """Bytes; None where there is no such process. One short read: statm is counted already, smaps is not."""
    try:
        statm = os.open(f"/proc/{pid}/statm", os.O_RDONLY)
    except OSError:
        return None
    try:
        return int(os.read(statm, 200).split()[1]) * PAGE
    except (OSError, IndexError):
        return None
    finally:
        os.close(statm)
