"""Keeps supervisord running when a log cannot be written, such as on a full disk."""

import traceback
from contextlib import suppress

from supervisor.loggers import Handler, RotatingFileHandler

_stock_rollover = RotatingFileHandler.doRollover


def survive_full_disks() -> None:
    """Catches two errors that stock code does not: of printing to stderr, and of rotating a log.

    An error of supervisord's own log would end supervisord. After an error of a child's log supervisord no
    longer reads the child's output, and the child hangs once its pipe is full.
    """
    Handler.handleError = _print_error
    RotatingFileHandler.doRollover = _roll_over


def _print_error(_: Handler) -> None:
    """Called while the exception of a failed write is handled. stderr may be on the same full disk."""
    with suppress(OSError):
        traceback.print_exc()


def _roll_over(log: RotatingFileHandler) -> None:
    """Closing a log flushes it. If that fails, the log goes on in the same file."""
    try:
        _stock_rollover(log)
    except OSError:
        log.handleError()
        if log.stream.closed:
            log.stream = open(log.baseFilename, "ab")  # noqa: SIM115, PTH123  # it is a log: it stays open
