"""Limits the log lines that callers without a key can cause."""

import logging
import math

from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: Seconds after which counting starts again.
WINDOW_SECONDS = 60.0


class LogRateLimit:
    """Allows a number of lines of one event per minute. The number of omitted lines is logged."""

    def __init__(self, event: str, lines: int) -> None:
        self._event = event
        self._lines = lines
        self._until = -math.inf
        self._requested = 0

    def take(self, now: float) -> bool:
        """Whether the line may be written. now: seconds on any steady clock."""
        if now >= self._until:
            if self._requested > self._lines:
                omitted = self._requested - self._lines
                log_event(log.warning, "lines_omitted", of=self._event, count=omitted)
            self._until = now + WINDOW_SECONDS
            self._requested = 0
        self._requested += 1
        return self._requested <= self._lines
