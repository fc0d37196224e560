"""What the script `motte` calls. It imports next to nothing, so that Ctrl-C is handled from the beginning."""

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from server.core.garbage import no_collection
from server.core.interrupts import end_on_interrupt


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line, or the given arguments."""
    end_on_interrupt()
    words = sys.argv[1:] if arguments is None else arguments
    with _early_front(words) as front:
        with no_collection():
            from server import cli

        cli.main(words, prog_name="motte", obj=front)


def _early_front(words: list[str]) -> AbstractContextManager[Any]:
    """Starts the front of `motte serve`, whose imports take longer than all that this command does."""
    if words[:1] != ["serve"] or "--help" in words:
        return nullcontext()
    from server import early_front  # imported here: the other commands do not need it

    return early_front.begun()
