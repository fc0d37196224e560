"""Ctrl-C before a command has begun: the process ends silently, instead of with a traceback of imports."""

import os
import signal
from contextlib import suppress
from types import FrameType

#: Exit code that a shell reports of a program that SIGINT ended.
INTERRUPTED_EXIT_CODE = 130


def end_on_interrupt() -> None:
    """From now on Ctrl-C ends the process at once. Called before the program is imported.

    A process whose parent has it ignore SIGINT goes on to ignore it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_on_interrupt() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt again. Called once a command can handle it."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, b"\n")  # ends the line with ^C
    os._exit(INTERRUPTED_EXIT_CODE)  # an exception would be printed, or be caught by what is imported
