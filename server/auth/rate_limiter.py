"""Limits the requests of each API key per second."""

from server.core.errors import RateLimited


class RateLimiter:
    """A token bucket for each key: it fills at `rate`, and holds the tokens of one second."""

    def __init__(self, rate: float | None) -> None:
        """rate: requests per second; None: no limit."""
        self._rate = rate
        self._size = max(rate or 0.0, 1.0)
        #: Key name -> tokens in its bucket, and the time of that count in seconds.
        self._buckets: dict[str, tuple[float, float]] = {}

    def count(self, key: str, now: float) -> None:
        """Takes a token from the key's bucket. now: seconds on any steady clock. Raises RateLimited."""
        if self._rate is None:
            return
        held, then = self._buckets.get(key, (self._size, now))
        held = min(self._size, held + (now - then) * self._rate)
        if held < 1.0:
            detail = f"the API key {key} may send {self._rate:g} requests per second"
            raise RateLimited(detail, wait=(1.0 - held) / self._rate)
        self._buckets[key] = (held - 1.0, now)
