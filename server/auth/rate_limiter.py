"""How often a key may ask."""

from server.core.errors import RateLimited


class RateLimiter:
    """One bucket a key: it fills at `rate`, holds one second's worth, and each request takes one."""

    def __init__(self, rate: float | None) -> None:
        """rate: requests a second; None: no limit."""
        self._rate = rate
        self._size = max(rate or 0.0, 1.0)
        #: Key name -> what its bucket held, and when that was, in seconds.
        self._buckets: dict[str, tuple[float, float]] = {}

    def count(self, key: str, now: float) -> None:
        """Take one from the key's bucket. now: seconds on any steady clock. Raises RateLimited."""
        if self._rate is None:
            return
        held, then = self._buckets.get(key, (self._size, now))
        held = min(self._size, held + (now - then) * self._rate)
        if held < 1.0:
            detail = f"the API key {key} may ask {self._rate:g} times a second"
            raise RateLimited(detail, wait=(1.0 - held) / self._rate)
        self._buckets[key] = (held - 1.0, now)
