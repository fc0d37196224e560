"""Whether a newer Node of the pinned major version mends known faults: `python -m tests.tools.node_releases`.

Reads the list of Node's releases from the standard input, as https://nodejs.org/dist/index.json has it. Exit
codes: 0 none, 1 there is one.
"""

import json
import re
import sys
from collections.abc import Sequence
from typing import TypedDict

from server.cli.common.node import TESTED, Version, text


class Release(TypedDict):
    """What the list says of each release; other members are ignored."""

    #: Such as `v24.19.0`.
    version: str
    #: Such as `2026-10-21`.
    date: str
    #: Whether it mends known faults.
    security: bool


def mending(releases: Sequence[Release], pinned: Version) -> list[Release]:
    """The releases of the pinned major version that are newer and mend known faults."""
    return [
        release
        for release in releases
        if release["security"] and (number := _number(release["version"]))[0] == pinned[0] and number > pinned
    ]


def _number(version: str) -> Version:
    major, minor, patch = map(int, re.findall(r"\d+", version)[:3])
    return major, minor, patch


if __name__ == "__main__":
    found = mending(json.load(sys.stdin), TESTED)
    for one in found:
        sys.stdout.write(f"Node {text(TESTED)} has faults that {one['version']} ({one['date']}) mends\n")
    sys.exit(1 if found else 0)
