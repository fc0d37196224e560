"""Events that no log keeps: they reach those who follow at this moment, in this process."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex

import msgspec

from server.core.clock import Clock
from server.documents.document import Document
from server.events.envelope import envelope_of

#: Events that wait for one follower. If it is slower, the oldest go.
MAX_WAITING = 100


@dataclass(frozen=True, slots=True)
class PassingEvent:
    """An event that is in no log."""

    id: str
    type: str
    session_id: str
    #: Its envelope: the same bytes for everybody.
    body: bytes


class Follower:
    """What waits for one who follows."""

    def __init__(self) -> None:
        self._waiting: deque[PassingEvent] = deque(maxlen=MAX_WAITING)
        self._is_there = asyncio.Event()

    def add(self, event: PassingEvent) -> None:
        """Adds an event, and returns at once."""
        self._waiting.append(event)
        self._is_there.set()

    async def next(self) -> PassingEvent:
        """Returns the oldest event that waits, once there is one."""
        await self._is_there.wait()
        event = self._waiting.popleft()
        if not self._waiting:
            self._is_there.clear()
        return event


class PassingEvents:
    """Hands events to followers. It waits for none of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        #: By session; None: those who follow all sessions.
        self._followers: defaultdict[str | None, set[Follower]] = defaultdict(set)

    def publish(self, kind: str, session_id: str, document: Document) -> None:
        """Hands an event to all who follow its session. document: the data."""
        followers = self._followers.get(session_id, set()) | self._followers.get(None, set())
        if not followers:
            return
        event_id = f"evt_{token_hex(10)}"
        body = envelope_of(
            event_id=event_id,
            kind=kind,
            at=self._clock.wall(),
            session_id=session_id,
            cursor=None,
            data=msgspec.json.encode(document),
        )
        event = PassingEvent(event_id, kind, session_id, body)
        for follower in followers:
            follower.add(event)

    @contextmanager
    def followed(self, sessions: Collection[str] | None) -> Iterator[Follower]:
        """Collects events while the block runs. sessions: whose events; None: those of all sessions."""
        follower = Follower()
        keys: Collection[str | None] = [None] if sessions is None else [*sessions]
        for key in keys:
            self._followers[key].add(follower)
        try:
            yield follower
        finally:
            for key in keys:
                self._followers[key].discard(follower)
                if not self._followers[key]:
                    del self._followers[key]
