"""`python -m server`: as `motte serve`; `python -m server front` is what supervisord runs."""

import sys

from server import entry_point


def arguments(given: list[str]) -> list[str]:
    """Options without a command are those of `serve`."""
    return given if given and not given[0].startswith("-") else ["serve", *given]


if __name__ == "__main__":
    entry_point.main(arguments(sys.argv[1:]))
