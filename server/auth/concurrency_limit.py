"""How many may have the page of one session open."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from server.core.errors import RateLimited

#: Of one session at a time: its people and their devices, and no crowd that holds descriptors.
OF_ONE = 20

#: Seconds after which it is worth asking again.
WAIT = 10.0


class ConcurrencyLimit:
    """Counts the requests of each session that came with a link; whoever has a key is no stranger."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @contextmanager
    def seat(self, session_id: str) -> Iterator[None]:
        """Held until the block ends. Raises RateLimited."""
        if self._taken[session_id] >= OF_ONE:
            raise RateLimited(f"this link is open {OF_ONE} times already", wait=WAIT)
        self._taken[session_id] += 1
        try:
            yield
        finally:
            self._taken[session_id] -= 1
            if not self._taken[session_id]:
                del self._taken[session_id]
