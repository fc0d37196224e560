"""Starts the front before `motte serve` imports anything else: the front's own imports take the longest.

Until supervisord takes that process over, it does nothing but import (waiting_front.py). It ends if the start
is refused.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, cast

from server.core.parent_death import die_with
from server.core.process_variables import OF_PYTHON, WAITS

if TYPE_CHECKING:
    from server.supervisor_plugin.early_front import EarlyFront

#: The folder that holds the package `server`.
_ROOT = __file__.removesuffix("/server/early_front.py")

#: Variable with the state folder. Until that is known, it has as many bytes as a path may have.
STATE = "MOTTE_STATE"
LONGEST_PATH_BYTES = 4096

#: Signals that supervisord resets for its children.
_RESET = (
    *(signal.SIGTERM, signal.SIGINT, signal.SIGQUIT),
    *(signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2),
)


@contextmanager
def begun() -> "Generator[EarlyFront | None]":
    """Starts the front, and kills it after the block, which ends only if `motte serve` does.

    Yields None if it could not be started: a check says why, or supervisord starts one.
    """
    try:
        process = _started()
    except (OSError, subprocess.SubprocessError):
        yield None
        return
    from server.supervisor_plugin.early_front import EarlyFront  # imported here: the front starts meanwhile

    with process:
        try:
            yield EarlyFront(process.pid, _end(process.stdin), _end(process.stdout))
        finally:
            process.kill()


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "server", "front"],
        cwd=_ROOT,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,  # Ctrl-C is for supervisord alone
        preexec_fn=partial(_prepare, os.getpid()),
    )


def _environment() -> dict[str, str]:
    """Returns the environment without settings: they are not known yet, and some are secret."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("MOTTE_")}
    return {**foreign, **OF_PYTHON, STATE: "?" * LONGEST_PATH_BYTES, WAITS: "1"}


def _prepare(parent: int) -> None:
    """Called in the child: what server/supervisor_plugin/child_process.py does for others."""
    die_with(parent)
    for number in _RESET:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _RESET)


def _end(pipe: IO[bytes] | None) -> int:
    """Returns the descriptor of this process's end of a pipe, which is there."""
    return cast("IO[bytes]", pipe).fileno()
