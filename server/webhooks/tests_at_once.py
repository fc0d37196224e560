"""Limits the test deliveries on their way: each waits for a server that may never answer, in the front."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from server.core.errors import RateLimited

#: Tests on their way at the same time, of all keys.
MAX_TESTS = 8

#: Those of them that one key requested.
MAX_TESTS_OF_ONE_KEY = 2

#: `Retry-After` of a refused request: most servers answer within it.
RETRY_AFTER_SECONDS = 5.0


class TestsAtOnce:
    """Counts the test deliveries of this front, and those of each key."""

    def __init__(self) -> None:
        self._sent: Counter[str] = Counter()

    @contextmanager
    def slot(self, key: str) -> Iterator[None]:
        """Counts a test until the block ends. key: its name. Raises RateLimited."""
        if self._sent[key] >= MAX_TESTS_OF_ONE_KEY:
            detail = f"{MAX_TESTS_OF_ONE_KEY} tests of this key wait for their answers already"
            raise RateLimited(detail, wait=RETRY_AFTER_SECONDS)
        if self._sent.total() >= MAX_TESTS:
            detail = f"{MAX_TESTS} tests of webhooks wait for their answers already"
            raise RateLimited(detail, wait=RETRY_AFTER_SECONDS)
        self._sent[key] += 1
        try:
            yield
        finally:
            self._sent[key] -= 1
            if not self._sent[key]:
                del self._sent[key]
