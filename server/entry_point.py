"""What the script `motte` calls. It imports next to nothing, so that Ctrl-C is handled from the beginning."""

import sys

from server.core.garbage import no_collection
from server.core.interrupts import end_on_interrupt


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line, or the given arguments."""
    end_on_interrupt()
    with no_collection():
        from server import cli

    cli.main(sys.argv[1:] if arguments is None else arguments, prog_name="motte")
