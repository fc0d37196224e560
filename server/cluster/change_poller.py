"""Changes that another process wrote, published to the requests and streams that wait in this one."""

import asyncio
from collections.abc import Awaitable, Callable

from server.core.tasks import until_one_ends
from server.sessions.subscriptions import Change, Subscriptions
from server.streams.event_buffer import EventBuffer
from store.ports.store import Store

#: Seconds after the last waiter has gone within which the store is polled no more.
WAIT_SECONDS = 1.0
#: Seconds of rest for each row that a poll read, before the next poll: reading takes a tenth of that.
REST_SECONDS_PER_ROW = 0.0001

#: Takes the newest rows in; returns how many it read.
Consumer = Callable[[], Awaitable[int]]


class ChangePoller:
    """Polls the store while a request or a stream waits: the one poll of a follower."""

    def __init__(self, store: Store, subscriptions: Subscriptions, feed: EventBuffer) -> None:
        self._store = store
        self._subscriptions = subscriptions
        #: None once this front leads: it then adds to the feed what it does itself.
        self._feed: EventBuffer | None = feed

    def stop_feeding(self) -> None:
        """Leaves the feed alone from now on. Requests that wait are still served."""
        self._feed = None

    async def run(self) -> None:
        """Runs for ever. What changed while nobody waited is taken in when somebody does."""
        while True:
            waits = [self._subscriptions.is_in_use.wait()]
            if self._feed is not None:
                waits.append(self._feed.is_followed.wait())
            await until_one_ends(*waits)
            await self._poll()

    async def _poll(self) -> None:
        """Polls until nobody waits."""
        seen: dict[Consumer, int | None] = {}
        while consumers := self._consumers():
            seen = {consumer: seen.get(consumer) for consumer in consumers}
            # Those that have seen anything have seen the same.
            oldest = None if None in seen.values() else next(iter(seen.values()))
            newest = await self._store.wait_for_change(oldest, within=WAIT_SECONDS)
            rows = 0
            for consumer in consumers:
                if seen[consumer] != newest:
                    seen[consumer] = newest
                    rows += await consumer()
            await asyncio.sleep(rows * REST_SECONDS_PER_ROW)

    def _consumers(self) -> list[Consumer]:
        """Those that somebody waits for now."""
        consumers: list[Consumer] = []
        if self._subscriptions.is_in_use.is_set():
            consumers.append(self._publish)
        if self._feed is not None and self._feed.is_followed.is_set():
            consumers.append(self._add_to_feed)
        return consumers

    async def _publish(self) -> int:
        session_ids = self._subscriptions.session_ids()
        for session_id in session_ids:
            session = await self._store.sessions.get(session_id)
            self._subscriptions.publish(session_id, Change(session=session, event=None))
        return len(session_ids)

    async def _add_to_feed(self) -> int:
        sessions = await self._store.sessions.all()
        if self._feed is not None:  # It may lead by now.
            self._feed.see_all(sessions)
        return len(sessions)
