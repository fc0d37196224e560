"""The messages of one session that wait, as its dispatcher knows them."""

import heapq
from collections import deque
from collections.abc import Iterable
from math import inf

from server.domain.transitions import Now
from store.records.outbox import OutboxEntry, SendTerms

#: Ends that may be kept of messages that do not wait any more.
MAX_ENDS = 1000


class WaitingList:
    """In each chat the oldest comes first, and only one is on its way; among chats the oldest first too."""

    def __init__(self) -> None:
        #: Those that wait, by chat; the first may be on its way.
        self._chats: dict[str, deque[OutboxEntry]] = {}
        #: The first of each chat of which none is on its way, and that is not held.
        self._ready: list[tuple[int, str]] = []
        #: Chats that wait for a moment: boot clock, seconds; infinity: for somebody who releases them.
        self._held: dict[str, float] = {}
        #: Those moments; some are over, or were changed.
        self._moments: list[tuple[float, str]] = []
        #: The chat that each waits in, by id.
        self._places: dict[str, str] = {}
        #: Ids of those that are on their way.
        self.on_way: set[str] = set()
        #: When each is not worth sending any more: boot clock, seconds.
        self._ends: list[tuple[float, str]] = []
        #: Ids of those that were on their way when that was.
        self._late: set[str] = set()
        #: The newest number that was added.
        self.newest = 0

    def __len__(self) -> int:
        return len(self._places)

    def clear(self) -> None:
        """Forgets all of them: they are read once more."""
        self._chats.clear()
        self._ready.clear()
        self._held.clear()
        self._moments.clear()
        self._places.clear()
        self.on_way.clear()
        self._ends.clear()
        self._late.clear()
        self.newest = 0

    def add(self, entries: Iterable[OutboxEntry], now: Now) -> list[OutboxEntry]:
        """Adds entries, the oldest first. Returns those of them that a connector may have."""
        handed = []
        for entry in entries:
            self.newest = max(self.newest, entry.number)
            waiting = self._chats.setdefault(entry.chat, deque())
            waiting.append(entry)
            self._places[entry.message_id] = entry.chat
            heapq.heappush(self._ends, (deadline(entry.terms, now), entry.message_id))
            if entry.handed:
                self.on_way.add(entry.message_id)
                handed.append(entry)
            elif len(waiting) == 1 and entry.chat not in self._held:
                heapq.heappush(self._ready, (entry.number, entry.chat))
        return handed

    def next(self, most: int, now: float) -> list[OutboxEntry]:
        """Returns the next ones to send, each of another chat. most: how many. now: boot clock, seconds."""
        while self._next_hold() <= now:
            self.release(self._moments[0][1])
        found: dict[str, OutboxEntry] = {}
        while self._ready and len(found) < most:
            number, chat = heapq.heappop(self._ready)
            waiting = self._chats.get(chat)
            if waiting and waiting[0].number == number and not self._is_busy(chat):
                found[chat] = waiting[0]
        for chat, entry in found.items():  # They stay the next ones until they are handed out.
            heapq.heappush(self._ready, (entry.number, chat))
        return list(found.values())

    def hand(self, entry: OutboxEntry) -> None:
        """It is on its way now, unless it was removed."""
        if entry.message_id in self._places:
            self.on_way.add(entry.message_id)

    def hold(self, chat: str, until: float = inf) -> None:
        """Passes a chat over until a moment, or until it is released. until: boot clock, seconds."""
        self._held[chat] = until
        if until < inf:
            heapq.heappush(self._moments, (until, chat))

    def release(self, chat: str) -> None:
        """Lets a chat go on."""
        self._held.pop(chat, None)
        self._make_ready(chat)

    def release_all(self) -> None:
        """Lets all chats go on that wait for a moment."""
        for chat in [chat for chat, until in self._held.items() if until < inf]:
            self.release(chat)

    def remove(self, message_id: str) -> None:
        """It is sent, or has failed."""
        self.on_way.discard(message_id)
        self._late.discard(message_id)
        if message_id not in self._places:
            return
        entry = self._entry(message_id)
        chat = self._places.pop(message_id)
        waiting = self._chats[chat]
        waiting.remove(entry)
        if len(self._ends) > MAX_ENDS and len(self._ends) > 2 * len(self):
            self._forget_ends()
        if waiting:
            self._make_ready(chat)
        else:
            del self._chats[chat]
            self._held.pop(chat, None)

    def ended(self, now: float) -> list[OutboxEntry]:
        """Returns what is on no way, and not worth sending any more, again until it is removed.

        now: boot clock, seconds.
        """
        due = []
        while self._ends and self._ends[0][0] <= now:
            due.append(heapq.heappop(self._ends))
        waiting = [end for end in due if end[1] in self._places and end[1] not in self.on_way]
        for end in waiting:
            heapq.heappush(self._ends, end)
        self._late.update(message_id for _, message_id in due if message_id in self.on_way)
        return [self._entry(message_id) for _, message_id in waiting]

    def late(self) -> list[OutboxEntry]:
        """Returns what is on its way, and was found to be not worth sending any more."""
        return [self._entry(message_id) for message_id in self._late]

    def next_moment(self) -> float:
        """Returns when something ends or is released: boot clock, seconds."""
        return min(self._ends[0][0] if self._ends else inf, self._next_hold())

    def has(self, chat: str) -> bool:
        """Whether anything waits in a chat."""
        return chat in self._chats

    def _next_hold(self) -> float:
        """Returns when the next chat is released: boot clock, seconds."""
        while self._moments and self._held.get(self._moments[0][1]) != self._moments[0][0]:
            heapq.heappop(self._moments)
        return self._moments[0][0] if self._moments else inf

    def _entry(self, message_id: str) -> OutboxEntry:
        """Returns one that waits."""
        return next(one for one in self._chats[self._places[message_id]] if one.message_id == message_id)

    def _forget_ends(self) -> None:
        """Forgets the ends of what does not wait any more."""
        self._ends = [end for end in self._ends if end[1] in self._places]
        heapq.heapify(self._ends)

    def _is_busy(self, chat: str) -> bool:
        return chat in self._held or any(self._places[one] == chat for one in self.on_way)

    def _make_ready(self, chat: str) -> None:
        waiting = self._chats.get(chat)
        if waiting and not self._is_busy(chat):
            heapq.heappush(self._ready, (waiting[0].number, chat))


def deadline(terms: SendTerms, now: Now) -> float:
    """Returns when a message is not worth sending any more: boot clock, seconds.

    After a reboot wall time says what is left.
    """
    if terms.boot_id == now.boot_id:
        return terms.until
    return now.boot + (terms.until_wall - now.wall) / 1000
