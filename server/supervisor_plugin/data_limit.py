"""Upper limit of a connector's memory, which the kernel holds.

V8 limits its heap, and no other memory: buffers, zlib, SQLite. The limit is RLIMIT_DATA, setrlimit(2): of the
memory that a process may write and shares with no other. Node reserves half a gigabyte of it without using
it, more or less in other versions, so the limit counts from there.
"""

import os
import re
import resource
import select
import subprocess
from collections.abc import Sequence
from pathlib import Path

from server.isolation.environment import connector_environment

MIB = 1024 * 1024

#: What a connector may use in addition to what Node reserves, as a multiple of MOTTE_CONNECTOR_MEMORY. A
#: process above that setting is replaced at a quiet moment; one that needs twice as much at once is broken.
FACTOR = 2

#: Seconds. Node starts in 50 milliseconds.
NODE_STARTS_WITHIN_SECONDS = 10.0

#: Says that it runs, and waits for its end.
SCRIPT = "process.stdout.write('.'); process.stdin.resume()"


def data_limit(command: Sequence[str], memory: int) -> int | None:
    """Returns bytes for RLIMIT_DATA; None if Node does not show what it reserves.

    command: that of a connector. memory: MiB of the setting.
    """
    reserved = reserved_bytes(command)
    return None if reserved is None else reserved + FACTOR * memory * MIB


def reserved_bytes(command: Sequence[str]) -> int | None:
    """Starts Node with the options of a connector; returns the bytes that count before it runs a program."""
    options = [word for word in command[1:] if word.startswith("--")]
    try:
        with subprocess.Popen(  # noqa: S603 - our own command
            [command[0], *options, "--eval", SCRIPT],
            env=connector_environment(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as node:
            try:
                return _data_bytes(node)
            finally:
                node.kill()
    except OSError:
        return None


def limit_data(limit: int) -> None:
    """Sets the limit of this process and its children. A lower one that it has already stays."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (least, least))


def _data_bytes(node: subprocess.Popen[bytes]) -> int | None:
    """Returns the bytes of a process once it runs; None if it ends or takes too long. Raises OSError."""
    output = node.stdout
    if output is None or not select.select([output], [], [], NODE_STARTS_WITHIN_SECONDS)[0]:
        return None
    if not output.read(1):
        return None
    found = re.search(r"^VmData:\s+(\d+) kB$", Path(f"/proc/{node.pid}/status").read_text(), re.MULTILINE)
    return None if found is None else int(found[1]) * 1024
