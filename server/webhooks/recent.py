"""The newest events of the log, read once for all lanes."""

from collections import deque
from collections.abc import Collection, Sequence

from store.records.events import Event

#: Events that are kept, and bytes of their data. A lane that is further behind reads the log.
MAX_EVENTS = 256
MAX_BYTES = 2**20


class RecentEvents:
    """What lanes that are up to date have to deliver. Without it, each webhook would read each event."""

    def __init__(self) -> None:
        #: The number after which every event is kept.
        self._after = 0
        self._events: deque[Event] = deque()
        self._bytes = 0

    def begin(self, number: int) -> None:
        """Forgets all. number: of the newest event."""
        self._events.clear()
        self._bytes = 0
        self._after = number

    def add(self, events: Sequence[Event]) -> None:
        """Adds the events that follow."""
        self._events += events
        self._bytes += sum(len(event.data) for event in events)
        while len(self._events) > MAX_EVENTS or self._bytes > MAX_BYTES:
            gone = self._events.popleft()
            self._bytes -= len(gone.data)
            self._after = gone.number

    def of(
        self, session_id: str, *, after: int, types: Collection[str] | None, limit: int
    ) -> list[Event] | None:
        """Returns the next events of a session after a number. None if not all of them are kept.

        types: None: all.
        """
        if after < self._after:
            return None
        found: list[Event] = []
        for event in reversed(self._events):
            if event.number <= after:
                break
            if event.session_id == session_id and (types is None or event.type in types):
                found.append(event)
        return found[: -limit - 1 : -1]
