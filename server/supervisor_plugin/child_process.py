"""A child process as every one of ours is started: the front, the sandbox, each connector."""

import os
import signal
from collections.abc import Callable
from typing import Any

from supervisor.process import Subprocess

from server.core.proxies import VARIABLES
from server.supervisor_plugin.parent_death import die_with
from server.supervisor_plugin.rlimits import OPEN_FILES

#: supervisord's own handlers: a child must not run them between fork and exec.
HANDLED = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGHUP,
    signal.SIGCHLD,
    signal.SIGUSR2,
)

#: What may hold a proxy's password. Connectors hear of proxies by pipe, the sandbox uses none.
PROXY_VARIABLES = (*VARIABLES, "http_proxy", "HTTP_PROXY")

#: Seconds added to an appointment with stock code, which compares wall times with `<`.
SLACK = 0.01

#: Called with seconds: supervisord's loop turns once more when they have passed.
TurnIn = Callable[[float], None]


class GuardedProcess(Subprocess):  # type: ignore[misc]  # supervisor ships no types
    """Dies with supervisord, inherits no descriptor, and loses no signal that comes before its exec.

    When it is started again is left to stock rules, which read the wall clock and expect it to be stepped.
    """

    #: Whether its environment may name a proxy.
    knows_proxies = False

    def __init__(self, config: Any, *, turn_in: TurnIn) -> None:
        super().__init__(config)
        self._turn_in = turn_in
        self._mask: set[signal.Signals | int] = set()
        self._supervisord = 0

    def spawn(self) -> int | None:
        """Start the process; None where that did not come about, or it runs.

        A signal to the child waits until its handlers are reset. Else the one that supervisord left it would
        take a TERM that comes within the first milliseconds, and exec forget it.
        """
        self._supervisord = os.getpid()
        self._mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED))
        try:
            pid: int | None = super().spawn()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        return pid

    def kill(self, sig: int) -> str | None:
        """Signal the process and give it `stopwaitsecs`; a sentence where that cannot be done."""
        problem: str | None = super().kill(sig)
        self._turn_in(self.config.stopwaitsecs + SLACK)
        return problem

    def set_uid(self) -> str | None:
        """Called in the child, after its descriptors are in place: the last step that is ours before exec."""
        refusal: str | None = super().set_uid()
        if not self.knows_proxies:
            for name in PROXY_VARIABLES:
                os.environ.pop(name, None)
        if refusal is None:
            die_with(self._supervisord)
        for number in HANDLED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        return refusal

    def _prepare_child_fds(self) -> None:
        """Called in the child. Stock code closes one descriptor after the other, in Python."""
        out = self.pipes["child_stdout"]
        if out is None:
            out = os.open(os.devnull, os.O_WRONLY)
        err = out if self.config.redirect_stderr else self.pipes["child_stderr"]
        for descriptor, number in ((self.pipes["child_stdin"], 0), (out, 1), (err, 2)):
            os.dup2(descriptor, number)
        os.closerange(3, OPEN_FILES)
