"""Node: the one that was installed with Motte, or the operator's own in `MOTTE_NODE`."""

import os
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from server.isolation.environment import connector_environment

OLDEST_MAJOR: Final = 24

#: The version that requirements/runtime.txt pins, with which Motte is tested.
TESTED: Final = (24, 19, 0)

#: Node prints its version in a tenth of a second.
_TIMEOUT_SECONDS: Final = 5.0

Version = tuple[int, int, int]


class UnusableNode(Exception):
    """The program does not run, or is no Node that is new enough. The message follows its path."""


def version_of(
    node: Path, *, options: Iterable[str] = (), before_exec: Callable[[], None] | None = None
) -> Version:
    """Asks a program for its version, with what connectors see of the environment. Raises UnusableNode.

    options: of Node, before the question. before_exec: called in the child.
    """
    try:
        result = subprocess.run(  # noqa: S603 - what the operator or the installation names
            [node, *options, "--version"],
            env=connector_environment(os.environ),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            preexec_fn=before_exec,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UnusableNode(f"does not run: {error}") from None
    said = result.stdout.strip()
    match = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)(?:-.*)?", said)
    if match is None:
        raise UnusableNode(f"is no Node: it says {(said or result.stderr.strip())[:80]!r}")
    major, minor, patch = map(int, match.groups())
    if major < OLDEST_MAJOR:
        raise UnusableNode(f"is Node {said}, and Motte needs {OLDEST_MAJOR} or newer")
    return major, minor, patch


def text(version: Version) -> str:
    """Returns a version as Node prints it."""
    return "v" + ".".join(map(str, version))
