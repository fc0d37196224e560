"""A connector that an attacker has taken over harms its own session alone.

HOSTILE_SECONDS: how long each attack takes. This test writes it into the session's pipe, so that supervisord
cannot end it: the front has to bear it all the time.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from tests.slow.hostile_lines import ATTACKS
from tests.support.motte import Motte

SECONDS = float(os.environ.get("HOSTILE_SECONDS", "3"))

#: Seconds of the slowest of a hundred reads of another session.
MAX_P99_SECONDS = 0.1
#: Bytes of the front's memory, and of what is added to the logs by all attacks together.
MAX_FRONT_BYTES = 100 << 20
MAX_LOG_BYTES = 1 << 20


async def test_no_line_of_a_connector_harms_other_sessions(mine: Motte) -> None:
    await mine.connect("good")
    front = front_of(mine)
    logged = log_bytes(mine)
    worst = 0.0
    for name, make in ATTACKS.items():
        await mine.create("bad")
        p99, reads = await attacked(mine, make())
        memory = resident(front)
        worst = max(worst, p99)
        sys.stdout.write(f"{name}: p99 {p99 * 1000:.0f} ms of {reads} reads, front {memory >> 20} MiB\n")
        assert p99 < MAX_P99_SECONDS, name
        assert memory < MAX_FRONT_BYTES, name
        assert front_of(mine) == front, f"{name}: another front"
        await mine.delete("bad")
    written = log_bytes(mine) - logged
    sys.stdout.write(f"worst p99 {worst * 1000:.0f} ms, {written >> 10} KiB of logs\n")
    assert written < MAX_LOG_BYTES
    assert (await mine.look("good"))["status"] == "connected"


async def attacked(mine: Motte, pieces: Iterator[bytes]) -> tuple[float, int]:
    """p99 of the reads of the other session meanwhile, and how many there were."""
    over = Event()
    writing = asyncio.create_task(asyncio.to_thread(write, mine.folder.session("bad").events, pieces, over))
    took = []
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        began = time.monotonic()
        assert (await mine.look("good"))["id"] == "good"
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.01)  # a caller that polls; the attack goes on meanwhile
    over.set()
    await writing
    return sorted(took)[int(len(took) * 0.99)], len(took)


def write(pipe: Path, pieces: Iterator[bytes], over: Event) -> None:
    """Writes the pieces as fast as the front reads, until it is over."""
    descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    for piece in pieces:
        left = piece
        while left and not over.is_set():
            try:
                left = left[os.write(descriptor, left) :]
            except BlockingIOError:
                over.wait(0.0005)
        if over.is_set():
            break
    os.close(descriptor)


def front_of(mine: Motte) -> int:
    """The process id of the front."""
    return int(json.loads(mine.folder.front.read_text())["pid"])


def resident(process: int) -> int:
    """Bytes of memory."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def log_bytes(mine: Motte) -> int:
    return sum(file.stat().st_size for file in mine.folder.logs.glob("*"))
