"""`motte front` on a host whose wall clock is set back an hour when the process gets SIGUSR1."""

import signal
import sys
import time

from server.cli import main

#: Nanoseconds.
HOUR = 3_600_000_000_000

wall = time.time_ns


def step_back(number: int, frame: object) -> None:
    """The boot clock knows nothing of it."""
    time.time_ns = lambda: wall() - HOUR


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, step_back)
    main(sys.argv[1:], prog_name="motte")
