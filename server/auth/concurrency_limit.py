"""Limits the concurrent requests with scan links of each session."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from server.core.errors import RateLimited

#: Requests per session at a time: enough for its people and their devices, not for a crowd.
MAX_PER_SESSION = 20

#: `Retry-After` of a refused request.
RETRY_AFTER_SECONDS = 10.0


class ConcurrencyLimit:
    """Counts the requests of each session that came with a link. Requests with a key are not limited."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @contextmanager
    def slot(self, session_id: str) -> Iterator[None]:
        """Counts a request until the block ends. Raises RateLimited."""
        if self._taken[session_id] >= MAX_PER_SESSION:
            raise RateLimited(f"this link is open {MAX_PER_SESSION} times", wait=RETRY_AFTER_SECONDS)
        self._taken[session_id] += 1
        try:
            yield
        finally:
            self._taken[session_id] -= 1
            if not self._taken[session_id]:
                del self._taken[session_id]
