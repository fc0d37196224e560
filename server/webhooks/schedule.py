"""When a delivery is tried again, and when it is given up: a pure function of what was answered."""

import random
from dataclasses import dataclass
from enum import StrEnum

#: Seconds before each try: the first comes at once. Later tries wait as long as the last one of these.
DELAYS_SECONDS = (0.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0)

#: Each delay is longer or shorter by up to this part of it, so that lanes do not try at the same moment.
JITTER = 0.2

#: Seconds of a `Retry-After` that are heeded.
MAX_RETRY_AFTER_SECONDS = 3600.0

#: Seconds. The longest and the usual value of `giveUpAfter`.
MAX_GIVE_UP_AFTER_SECONDS = 86_400

#: Tries of an event that the webhook refuses with another status of 400 to 499 than those of PASSING: it will
#: not take that event, and the ones after it must not wait for a day.
MAX_REFUSED_TRIES = 3

#: Statuses of 400 to 499 that say nothing about the event.
PASSING = frozenset({408, 410, 425, 429})

GONE = 410


class Verdict(StrEnum):
    """What becomes of an event after a try."""

    DELIVERED = "delivered"
    RETRY = "retry"  # the lane waits
    DEAD = "dead"  # the lane goes on without it
    GONE = "gone"  # the webhook is disabled


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver an event."""

    #: What the webhook answered; None if no answer came.
    status: int | None = None
    #: Why it failed, in a sentence. None: it was delivered.
    error: str | None = None
    #: Seconds that the answer asked to wait.
    retry_after: float | None = None
    #: How long it took, in seconds.
    seconds: float = 0.0

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Whether the webhook works, but does not want this event."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in PASSING


def judge(attempt: Attempt, *, tries: int, left: float) -> Verdict:
    """Returns what becomes of the event. tries: with this one. left: seconds until it is given up."""
    if attempt.is_delivered:
        return Verdict.DELIVERED
    if attempt.status == GONE:
        return Verdict.GONE
    if left <= 0 or (attempt.is_refusal and tries >= MAX_REFUSED_TRIES):
        return Verdict.DEAD
    return Verdict.RETRY


def wait(attempt: Attempt, *, tries: int, left: float) -> float:
    """Returns the seconds until the next try. The last one comes when the event is given up, not before."""
    return max(0.0, min(max(delay(tries), attempt.retry_after or 0.0), left))


def delay(tries: int) -> float:
    """Returns the seconds to wait after so many tries, longer or shorter by up to 20 %."""
    length = DELAYS_SECONDS[min(tries, len(DELAYS_SECONDS) - 1)]
    return length * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # spreads load, protects nothing
