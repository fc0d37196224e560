"""Logs that cannot be written: supervisord lives on, and writes again once it can."""

import traceback
from contextlib import suppress

from supervisor.loggers import Handler, RotatingFileHandler

_stock_rollover = RotatingFileHandler.doRollover


def outlive_full_disks() -> None:
    """Stock code lets two errors through: of telling stderr, which may be a file there too, and of rotating.

    supervisord dies of them where its own log is concerned; where a child's is, it reads no more of what that
    child says, and the child hangs once its pipe is full.
    """
    Handler.handleError = _tell
    RotatingFileHandler.doRollover = _roll_over


def _tell(_: Handler) -> None:
    """Called where something could not be logged, as the error is handled."""
    with suppress(OSError):
        traceback.print_exc()


def _roll_over(log: RotatingFileHandler) -> None:
    """Closing a log writes what is still in memory. Where that fails it goes on as it is."""
    try:
        _stock_rollover(log)
    except OSError:
        log.handleError()
        if log.stream.closed:
            log.stream = open(log.baseFilename, "ab")  # noqa: SIM115, PTH123  # it is a log: it stays open
