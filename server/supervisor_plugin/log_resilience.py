"""Keeps supervisord running when a log cannot be written, such as on a full disk."""

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from supervisor.loggers import FileHandler, Handler, RotatingFileHandler

#: A disk that is full refuses every line. It is reported once in so many seconds.
REPORT_INTERVAL_SECONDS = 60.0

_stock_open = FileHandler.__init__
_stock_rollover = RotatingFileHandler.doRollover


def survive_full_disks() -> None:
    """Catches errors that stock code does not: of printing to stderr, and of opening and rotating a log.

    An error of supervisord's own log would end supervisord. After an error of a child's log supervisord no
    longer reads the child's output, and the child hangs once its pipe is full.
    """
    Handler.handleError = _Reporter().report
    FileHandler.__init__ = _open
    RotatingFileHandler.doRollover = _roll_over


class _Reporter:
    """Says on standard error that a log cannot be written."""

    def __init__(self) -> None:
        self._next_at = float("-inf")

    def report(self, _: Handler | None = None) -> None:
        """Called while the exception of a failed write is handled. stderr may be on the same full disk."""
        now = time.monotonic()
        if now < self._next_at:
            return
        self._next_at = now + REPORT_INTERVAL_SECONDS
        error = sys.exc_info()[1]
        reason = getattr(error, "strerror", None) or error
        with suppress(OSError):
            sys.stderr.write(f"Warning: a log cannot be written: {reason}\n")
            sys.stderr.flush()


def _open(log: FileHandler, filename: str, *arguments: Any, **options: Any) -> None:
    """Removes a named pipe that is in the place of a log: to open it would stop supervisord."""
    path = Path(filename)
    if path.is_fifo() and not path.is_symlink():
        path.unlink()
    _stock_open(log, filename, *arguments, **options)


def _roll_over(log: RotatingFileHandler) -> None:
    """Closing a log flushes it. If that fails, the log goes on in the same file."""
    try:
        _stock_rollover(log)
    except OSError:
        log.handleError()
        if log.stream.closed:
            log.stream = open(log.baseFilename, "ab")  # noqa: SIM115, PTH123  # it is a log: it stays open
