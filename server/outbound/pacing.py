"""Pace of sending: token buckets whose tokens come at uneven intervals, as a person's messages do."""

import random
from collections.abc import Callable

#: Messages that may be sent one after the other.
BURST = 5
#: How much an interval may be shorter or longer.
JITTER = 0.3


class Pace:
    """A token bucket. Each token comes after an interval of its own."""

    def __init__(
        self,
        per_second: float,
        *,
        burst: int = BURST,
        uneven: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """per_second: 0: no limit. uneven: returns a number between two."""
        self._interval = 1 / per_second if per_second > 0 else 0.0
        self._burst = burst
        self._uneven = uneven
        self._tokens = burst
        #: When the next token comes: boot clock, seconds. None: the bucket is full.
        self._next_at: float | None = None

    def wait(self, now: float) -> float:
        """Returns the seconds until there is a token; 0: there is one. now: boot clock, seconds."""
        self._fill(now)
        if self._interval == 0.0 or self._tokens > 0 or self._next_at is None:
            return 0.0
        return self._next_at - now

    def tokens(self, now: float) -> int:
        """Returns how many tokens there are; without a limit, a burst of them. now: boot clock, seconds."""
        self._fill(now)
        return self._burst if self._interval == 0.0 else self._tokens

    def take(self, now: float) -> None:
        """Takes a token that is there."""
        self._fill(now)
        if self._interval == 0.0:
            return
        self._tokens -= 1
        if self._next_at is None:
            self._next_at = now + self._one_interval()

    def _fill(self, now: float) -> None:
        while self._next_at is not None and self._next_at <= now:
            self._tokens += 1
            self._next_at = None if self._tokens >= self._burst else self._next_at + self._one_interval()

    def _one_interval(self) -> float:
        return self._interval * self._uneven(1 - JITTER, 1 + JITTER)
