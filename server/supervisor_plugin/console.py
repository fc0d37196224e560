"""Output on the terminal: the front's log and supervisord's warnings."""

import signal
import sys
from typing import Any

from supervisor.loggers import LevelsByName, StreamHandler

from server.supervisor_plugin.child_process import ChildProcess


class Console(StreamHandler):  # type: ignore[misc]  # supervisor ships no types
    """Log handler for standard output, which may have been closed."""

    def __init__(self, stream: Any, form: str) -> None:
        super().__init__(stream)
        self.setFormat(form)

    def handleError(self) -> None:  # noqa: N802  # supervisor's name
        """Does nothing. Stock code prints the error on the closed terminal, and supervisord ends."""


class ConsoleProcess(ChildProcess):
    """Process whose log is also written to the terminal; stock supervisord writes to one place."""

    def spawn(self) -> int | None:
        """Starts the process and returns its pid; None if that failed."""
        pid = super().spawn()
        if pid is not None:
            for dispatcher in self.dispatchers.values():
                log = getattr(dispatcher, "normallog", None)
                if log is not None:
                    log.addHandler(Console(sys.stdout.buffer, "%(message)s"))
        return pid


def show_warnings(logger: Any) -> None:
    """Writes supervisord's warnings to the terminal as well as to its log file."""
    console = Console(sys.stdout, "%(asctime)s %(levelname)s %(message)s\n")
    console.setLevel(LevelsByName.WARN)
    logger.addHandler(console)


def stop_when_closed(options: Any) -> None:
    """Stops on SIGHUP, which a closed terminal sends. Stock supervisord would reload."""
    if sys.stdout.isatty():
        signal.signal(signal.SIGHUP, lambda *_: options.signal_receiver.receive(signal.SIGTERM, None))
