"""What a command says while a person waits for it."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from server.cli.common.screen import ERASE_BEHIND


def say(sentence: str) -> None:
    """In the place of what was said before. Nothing where nobody sees it: standard error is no terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{sentence} …{ERASE_BEHIND}")
        sys.stderr.flush()


@contextmanager
def waiting(sentence: str) -> Generator[None]:
    """The sentence stands there for as long as the work takes, and is gone then."""
    say(sentence)
    try:
        yield
    finally:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{ERASE_BEHIND}")
            sys.stderr.flush()
