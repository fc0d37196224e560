"""`python -m server`: as `motte serve`; `python -m server front` is what supervisord runs."""

import os
import sys

from server import entry_point
from server.core.process_variables import WAITS


def arguments(given: list[str]) -> list[str]:
    """Options without a command are those of `serve`."""
    return given if given and not given[0].startswith("-") else ["serve", *given]


if __name__ == "__main__":
    if WAITS in os.environ:
        from server import waiting_front  # imported here: it is the front's process alone

        waiting_front.main()
    else:
        entry_point.main(arguments(sys.argv[1:]))
