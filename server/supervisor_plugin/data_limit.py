"""Upper limit of a connector's memory, which the kernel holds.

V8 limits its heap, and no other memory: buffers, zlib, SQLite. The limit is RLIMIT_DATA, setrlimit(2): of the
memory that a process may write and shares with no other. Node reserves half a gigabyte of it without using
it, more or less in other versions, so the limit counts from there. `motte serve` measures it.
"""

import resource

MIB = 1024 * 1024

#: What a connector may use in addition to what Node reserves, as a multiple of MOTTE_CONNECTOR_MEMORY. A
#: process above that setting is replaced at a quiet moment; one that needs twice as much at once is broken.
FACTOR = 2


def data_limit(reserved: int, memory: int) -> int | None:
    """Returns bytes for RLIMIT_DATA; None if what Node reserves is unknown, which is 0.

    memory: MiB of the setting.
    """
    return reserved + FACTOR * memory * MIB if reserved else None


def limit_data(limit: int) -> None:
    """Sets the limit of this process and its children. A lower one that it has already stays."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (least, least))
