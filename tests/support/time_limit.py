"""A limit for each part of a test: its fixtures, itself, and what cleans up after it."""

import asyncio
import os
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CoroutineType

import pytest

#: Seconds for a part of a test that `make test` runs; none takes a minute on an idle machine.
LIMIT = 240.0
#: Seconds for a part of any other test.
LONG_LIMIT = 3600.0
#: The folders of these.
LONG = {"slow", "browser", "deploy", "proxies", "soak"}

#: Seconds until a block is ended again that goes on nevertheless.
ONCE_MORE = 5.0

TESTS = Path(__file__).parents[1]


def seconds_of(file: Path) -> float:
    """The limit of the tests in a file. EXAMPLES: random tests run so many examples, not a few."""
    is_long = file.relative_to(TESTS).parts[0] in LONG or "EXAMPLES" in os.environ
    return LONG_LIMIT if is_long else LIMIT


@contextmanager
def time_limit(seconds: float) -> Generator[None]:
    """Fails the test if the block takes longer; the message says where each task waits.

    The kernel counts the seconds, so that a block is ended too that runs no event loop, or turns its clock.
    """

    def end(*_: object) -> None:
        pytest.fail("\n".join((f"this takes longer than {seconds:g} s", *_waits())))

    handler = signal.signal(signal.SIGALRM, end)
    outer = signal.setitimer(signal.ITIMER_REAL, seconds, ONCE_MORE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, handler)


def lift_time_limit() -> None:
    """For somebody who looks at a test with a debugger."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def _waits() -> Iterator[str]:
    """The calls of each task of the event loop, from the outermost to the one that waits."""
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # no loop runs: the traceback says where it waits
        return
    for task in tasks:
        yield f"{task.get_name()} waits: {', '.join(_calls(task.get_coro()))}"


def _calls(awaited: object) -> Iterator[str]:
    while isinstance(awaited, CoroutineType):
        if frame := awaited.cr_frame:
            yield f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} in {frame.f_code.co_name}"
        awaited = awaited.cr_await
