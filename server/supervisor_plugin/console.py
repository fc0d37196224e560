"""What a person sees at the terminal: the front's log, and supervisord's warnings."""

import signal
import sys
from typing import Any

from supervisor.loggers import LevelsByName, StreamHandler

from server.supervisor_plugin.child_process import GuardedProcess


class Console(StreamHandler):  # type: ignore[misc]  # supervisor ships no types
    """Standard output, which may have been closed."""

    def __init__(self, stream: Any, form: str) -> None:
        super().__init__(stream)
        self.setFormat(form)

    def handleError(self) -> None:  # noqa: N802  # supervisor's name
        """Stock code writes the error to a terminal that is gone, and supervisord dies of the next one."""


class ShownProcess(GuardedProcess):
    """A process whose log is written to the terminal too; stock supervisord writes to one place."""

    def spawn(self) -> int | None:
        """Start the process; None where that did not come about."""
        pid = super().spawn()
        if pid is not None:
            for dispatcher in self.dispatchers.values():
                log = getattr(dispatcher, "normallog", None)
                if log is not None:
                    log.addHandler(Console(sys.stdout.buffer, "%(message)s"))
        return pid


def show_warnings(logger: Any) -> None:
    """supervisord's own log goes to its file; here what somebody should look at."""
    terminal = Console(sys.stdout, "%(asctime)s %(levelname)s %(message)s\n")
    terminal.setLevel(LevelsByName.WARN)
    logger.addHandler(terminal)


def stop_when_closed(options: Any) -> None:
    """A terminal that is closed sends SIGHUP, by which supervisord understands a reload."""
    if sys.stdout.isatty():
        signal.signal(signal.SIGHUP, lambda *_: options.signal_receiver.receive(signal.SIGTERM, None))
