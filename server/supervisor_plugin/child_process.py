"""Child process of supervisord, as the front, the sandbox and each connector are started."""

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

from supervisor.process import Subprocess

from server.core.parent_death import die_with
from server.core.proxy_variables import VARIABLES
from server.supervisor_plugin.rlimits import MAX_OPEN_FILES

#: Signals that supervisord handles itself. A child must not run these handlers between fork and exec.
HANDLED_SIGNALS = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGHUP,
    signal.SIGCHLD,
    signal.SIGUSR2,
)

#: Variables that may hold a proxy's password. The sandbox uses no proxy.
PROXY_VARIABLES = (*VARIABLES, "http_proxy", "HTTP_PROXY")

#: Added to a deadline of stock code, which compares wall times with `<`.
DEADLINE_SLACK_SECONDS = 0.01

#: Called with seconds. supervisord's loop runs again once they have passed.
WakeAfter = Callable[[float], None]


class ChildProcess(Subprocess):  # type: ignore[misc]  # supervisor ships no types
    """Process that dies with supervisord, inherits no descriptor and loses no signal sent before its exec.

    Stock rules decide when it is started again. They read the wall clock and allow for steps of it.
    """

    def __init__(self, config: Any, *, wake_after: WakeAfter) -> None:
        super().__init__(config)
        self._wake_after = wake_after
        self._signal_mask: set[signal.Signals | int] = set()
        self._supervisord_pid = 0

    def spawn(self) -> int | None:
        """Starts the process and returns its pid. None if the start failed or the process runs already.

        Signals to the child are blocked until its handlers are reset. Without that, supervisord's handler
        would take a SIGTERM of the first milliseconds, and exec would drop it.
        """
        self._supervisord_pid = os.getpid()
        self._signal_mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED_SIGNALS))
        try:
            pid: int | None = super().spawn()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._signal_mask)
        return pid

    def kill(self, sig: int) -> str | None:
        """Signals the process and gives it `stopwaitsecs` to end. Returns a sentence if that failed."""
        problem: str | None = super().kill(sig)
        self._wake_after(self.config.stopwaitsecs + DEADLINE_SLACK_SECONDS)
        return problem

    def visible_variables(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """Returns what the process may see of supervisord's environment."""
        return {name: value for name, value in environ.items() if name not in PROXY_VARIABLES}

    def set_uid(self) -> str | None:
        """Called in the child, after its descriptors are set: the last method before exec."""
        refusal: str | None = super().set_uid()
        for name in os.environ.keys() - self.visible_variables(os.environ).keys():
            del os.environ[name]
        if refusal is None:
            die_with(self._supervisord_pid)
        for number in HANDLED_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._signal_mask)
        return refusal

    def _prepare_child_fds(self) -> None:
        """Called in the child. Stock code closes the descriptors one by one, in Python."""
        out = self.pipes["child_stdout"]
        if out is None:
            out = os.open(os.devnull, os.O_WRONLY)
        err = out if self.config.redirect_stderr else self.pipes["child_stderr"]
        for descriptor, number in ((self.pipes["child_stdin"], 0), (out, 1), (err, 2)):
            os.dup2(descriptor, number)
        os.closerange(3, MAX_OPEN_FILES)
