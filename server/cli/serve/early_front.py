"""Starts the front while `motte serve` still imports and checks: its imports take longer than all of that.

If the start is refused, this process ends, and has done nothing but import.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import IO, Final, cast

from server.cli.serve.launch import ROOT, environment
from server.core.parent_death import die_with
from server.core.settings.model import Settings
from server.supervisor_plugin.early_front import EarlyFront

#: Variable of a front that waits for its environment.
_WAITS: Final = "MOTTE_FRONT_WAITS"

#: Signals that supervisord resets for its children.
_RESET: Final = (
    *(signal.SIGTERM, signal.SIGINT, signal.SIGQUIT),
    *(signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2),
)


@contextmanager
def begun(settings: Settings) -> Generator[EarlyFront | None]:
    """Starts the front, and kills it after the block, which ends only if the start is refused.

    Yields None if it could not be started: a check says why, or supervisord starts one.
    """
    try:
        process = _started(settings)
    except (OSError, subprocess.SubprocessError):
        yield None
        return
    with process:
        try:
            yield EarlyFront(process.pid, _end(process.stdin), _end(process.stdout))
        finally:
            process.kill()


def wait_for_supervisord() -> None:
    """Called in the front once all is imported. Takes its environment over; exits if there is no supervisord.

    Returns at once in a front that supervisord has started.
    """
    if _WAITS not in os.environ:
        return
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 1 << 16)
        if not part:
            sys.exit(0)
        line += part
    os.environ.clear()
    os.environ.update(json.loads(line))
    time.tzset()


def _started(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "server", "front"],
        cwd=ROOT,
        env=environment(settings, os.environ) | {_WAITS: "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,  # Ctrl-C is for supervisord alone
        preexec_fn=partial(_prepare, os.getpid()),
    )


def _prepare(parent: int) -> None:
    """Called in the child: what server/supervisor_plugin/child_process.py does for others."""
    die_with(parent)
    for number in _RESET:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _RESET)


def _end(pipe: IO[bytes] | None) -> int:
    """Returns the descriptor of this process's end of a pipe, which is there."""
    return cast("IO[bytes]", pipe).fileno()
