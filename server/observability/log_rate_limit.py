"""Limits the log lines that callers without a key, and the connectors of single sessions, can cause."""

import logging
import math
import time
from collections.abc import Callable

from server.core.log_events import LogEvent, log_event

log = logging.getLogger(__name__)

#: Seconds after which counting starts again.
WINDOW_SECONDS = 60.0
#: Lines a minute about one session. One that works writes a few: a connector that fails may write thousands.
SESSION_LINES_PER_MINUTE = 120


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


class SessionLogFilter(logging.Filter):
    """Allows SESSION_LINES_PER_MINUTE lines about each session, and then says how many it omitted."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._until = -math.inf
        #: Lines in this minute, by session.
        self._lines: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Called by logging for each line."""
        session = record.msg.members.get("session") if isinstance(record.msg, LogEvent) else None
        if session is None:
            return True
        if self._clock() >= self._until:
            self._begin()
        lines = self._lines[str(session)] = self._lines.get(str(session), 0) + 1
        return lines <= SESSION_LINES_PER_MINUTE

    def _begin(self) -> None:
        ended, self._lines = self._lines, {}
        self._until = self._clock() + WINDOW_SECONDS
        for session, lines in ended.items():
            if lines > SESSION_LINES_PER_MINUTE:
                omitted = lines - SESSION_LINES_PER_MINUTE
                log_event(log.warning, "session_lines_omitted", session=session, count=omitted)
