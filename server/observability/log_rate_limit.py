"""How many lines strangers may leave in the log."""

import logging
import math

from server.core.log_events import log_event

log = logging.getLogger(__name__)

#: Seconds after which counting begins anew.
WINDOW = 60.0


class LogRateLimit:
    """So many lines of one event in a minute. Those beyond are counted, and told when the next is due."""

    def __init__(self, event: str, lines: int) -> None:
        self._event = event
        self._lines = lines
        self._until = -math.inf
        self._asked = 0

    def take(self, now: float) -> bool:
        """Whether the line may be written. now: seconds on any steady clock."""
        if now >= self._until:
            self._tell_omitted()
            self._until = now + WINDOW
            self._asked = 0
        self._asked += 1
        return self._asked <= self._lines

    def _tell_omitted(self) -> None:
        if self._asked > self._lines:
            log_event(log.warning, "lines_omitted", of=self._event, count=self._asked - self._lines)
