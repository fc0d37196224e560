"""Progress of a command, for a person who waits."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from server.cli.common.screen import ERASE_BEHIND


def show_progress(sentence: str) -> None:
    """Replaces the progress line. Does nothing if standard error is not a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{sentence} …{ERASE_BEHIND}")
        sys.stderr.flush()


@contextmanager
def waiting(sentence: str) -> Generator[None]:
    """Shows the sentence during the block."""
    show_progress(sentence)
    try:
        yield
    finally:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{ERASE_BEHIND}")
            sys.stderr.flush()
