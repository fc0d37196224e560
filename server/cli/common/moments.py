"""Moments as people read them."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

#: Seconds of a unit, and its name; the largest first.
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))

#: A number of a larger unit says less than this many of the smaller one.
AT_LEAST = 2

#: What `left` says of a moment that has passed.
OVER = "over"


def ago(moment: str | None, now: datetime | None = None) -> str | None:
    """Returns how long ago an ISO 8601 moment was: `3 min ago`. One that is to come is `now`."""
    if moment is None:
        return None
    seconds = _seconds(moment, now)
    return "now" if seconds < 1 else f"{_span(seconds, math.floor)} ago"


def left(moment: str | None, now: datetime | None = None) -> str | None:
    """Returns when an ISO 8601 moment comes: `in 40 s`. One that has passed is `over`."""
    if moment is None:
        return None
    seconds = -_seconds(moment, now)
    return OVER if seconds <= 0 else f"in {_span(seconds, math.ceil)}"


def _seconds(moment: str, now: datetime | None) -> float:
    return ((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds()


def _span(seconds: float, whole: Callable[[float], int]) -> str:
    """Returns at least two of a unit: 90 s, but 2 min."""
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= AT_LEAST * size), UNITS[-1])
    return f"{whole(seconds / size)} {unit}"
