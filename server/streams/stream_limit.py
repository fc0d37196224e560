"""Limits what holds connections for as long as a client likes: streams of events, and requests that wait."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from server.core.errors import Overloaded

#: Streams may use this share of the descriptors of the process: requests must find room next to them.
SHARE_OF_FILES = 2
#: One caller may have this share of the streams.
SHARE_OF_STREAMS = 2


class StreamLimit:
    """Counts the open streams, and those of each caller. Some requests that wait count as streams."""

    def __init__(self, files: int) -> None:
        """files: descriptors that the process may have open."""
        self.most = files // SHARE_OF_FILES
        self.most_of_one = self.most // SHARE_OF_STREAMS
        self._open: Counter[str] = Counter()

    def count(self) -> int:
        """Returns how many streams are open."""
        return self._open.total()

    @contextmanager
    def slot(self, caller: str) -> Iterator[None]:
        """Counts a stream until the block ends. Raises Overloaded."""
        if self._open[caller] >= self.most_of_one:
            raise Overloaded(f"this caller has {self.most_of_one} streams of events or waits open already")
        if self.count() >= self.most:
            raise Overloaded(f"{self.most} streams of events or waits are open already")
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]
