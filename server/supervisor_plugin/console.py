"""Output on the terminal: the front's log, supervisord's warnings, and two lines at the end."""

import atexit
import re
import signal
import sys
from contextlib import suppress
from typing import Any

from supervisor.loggers import LevelsByName, StreamHandler

from server.supervisor_plugin.child_process import ChildProcess

#: Supervisord's warnings about a stop that somebody requested: of itself, and of a process without a handler.
REQUESTED = re.compile(r"received SIG\w+ indicating exit request|stopped: \S+ \(terminated by SIGTERM\)")


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


class Warnings(Console):
    """Supervisord's warnings, without those about a requested stop: `announce_stop` reports it."""

    def emit(self, record: Any) -> None:
        """Writes the record, unless it reports a requested stop."""
        if not REQUESTED.fullmatch(record.msg):
            super().emit(record)


def show_warnings(logger: Any) -> None:
    """Writes supervisord's warnings to the terminal as well as to its log file."""
    console = Warnings(sys.stdout, "%(asctime)s %(levelname)s %(message)s\n")
    console.setLevel(LevelsByName.WARN)
    logger.addHandler(console)


def announce_stop(_: Any) -> None:
    """Says on the terminal that Motte stops, and in the end that it has stopped. Called at the stop."""
    _say("Motte     stopping; accounts stay linked")
    atexit.register(_say, "Motte     stopped")


def _say(line: str) -> None:
    with suppress(OSError, ValueError):  # The terminal may be closed.
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def stop_when_closed(options: Any) -> None:
    """Stops on SIGHUP, which a closed terminal sends. Stock supervisord would reload."""
    if sys.stdout.isatty():
        signal.signal(signal.SIGHUP, lambda *_: options.signal_receiver.receive(signal.SIGTERM, None))
