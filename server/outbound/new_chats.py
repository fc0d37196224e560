"""New chats of one session: each waits for its turn, so that what waits costs nothing before."""

import heapq
from collections.abc import Callable
from math import inf

from server.outbound.pacing import Pace
from store.records.outbox import OutboxEntry


class NewChats:
    """A queue, the oldest first. As many are looked at as may be begun now: each look reads the store."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        #: Numbers of their first messages, and the chats.
        self._queue: list[tuple[int, str]] = []
        self._queued: set[str] = set()
        #: Those whose turn it is.
        self._admitted: set[str] = set()
        #: No chat is begun before: boot clock, seconds.
        self._not_before = 0.0

    def queue(self, entry: OutboxEntry) -> None:
        """The chat waits for its turn."""
        self._admitted.discard(entry.chat)
        if entry.chat not in self._queued:
            self._queued.add(entry.chat)
            heapq.heappush(self._queue, (entry.number, entry.chat))

    def admit(self, now: float, waits: Callable[[str], bool]) -> list[str]:
        """Returns the chats whose turn has come. now: boot clock, seconds. waits: whether any do there."""
        self._admitted = set(filter(waits, self._admitted))
        if now < self._not_before:
            return []
        admitted = []
        while self._queue and len(self._admitted) < self._pace.tokens(now):
            _, chat = heapq.heappop(self._queue)
            self._queued.discard(chat)
            if waits(chat):
                self._admitted.add(chat)
                admitted.append(chat)
        return admitted

    def wait(self, now: float) -> float:
        """Returns the seconds until the next turn; infinity: until one whose turn it is has been decided."""
        if not self._queue or 0 < self._pace.tokens(now) <= len(self._admitted):
            return inf
        return max(self._pace.wait(now), self._not_before - now)

    def is_admitted(self, chat: str) -> bool:
        """Whether it is the chat's turn."""
        return chat in self._admitted

    def begin(self, chat: str, now: float) -> None:
        """The first message to a chat whose turn it is goes out now."""
        self._admitted.discard(chat)
        self._pace.take(now)

    def leave(self, chat: str) -> None:
        """The chat is no new one any more, or waits for something else."""
        self._admitted.discard(chat)

    def pause(self, until: float) -> None:
        """No chat is begun before a moment. until: boot clock, seconds."""
        self._not_before = max(self._not_before, until)

    def resume(self) -> None:
        """What was waited for may be over."""
        self._not_before = 0.0

    def clear(self) -> None:
        """All that waits is read once more."""
        self._queue.clear()
        self._queued.clear()
        self._admitted.clear()
