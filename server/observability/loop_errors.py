"""Errors that asyncio reports of its event loop: each is logged, but not more of them than anybody reads."""

import asyncio
import logging
from typing import Any

from server.core.log_events import log_event
from server.observability.log_rate_limit import LogRateLimit

log = logging.getLogger(__name__)

#: Log lines per minute. A client can cause some of the errors, such as one for each connection that finds no
#: free descriptor, which asyncio reports as often as it tries.
LINES_PER_MINUTE = 30


def log_loop_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Has the errors of the loop logged from now on, up to LINES_PER_MINUTE of them."""
    lines = LogRateLimit("loop_error", LINES_PER_MINUTE)

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not lines.take(loop.time()):
            return
        error = context.get("exception")
        log_event(
            log.error,
            "loop_error",
            message=context["message"],
            error=error if isinstance(error, OSError) else type(error).__name__,
        )
        if error is not None and not isinstance(error, OSError):
            log.error("raised in the event loop", exc_info=error)

    loop.set_exception_handler(handle)
