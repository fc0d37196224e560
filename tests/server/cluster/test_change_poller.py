"""A follower that is awaited polls the store, and leaves most of a core to others."""

import asyncio
from itertools import count
from typing import cast

from server.cluster.change_poller import REST_SECONDS_PER_ROW, ChangePoller
from server.sessions.subscriptions import Subscriptions
from server.streams.event_buffer import EventBuffer
from store.ports.store import Store
from store.records.sessions import Session, Status
from tests.support.time import TurnedTime, until

#: Sessions in the store.
ROWS = 1000


class BusyStore:
    """A store that changes all the time."""

    def __init__(self) -> None:
        self.sessions = self
        self.lists = 0
        self._versions = count(1)

    async def wait_for_change(self, seen: int | None, *, within: float) -> int:
        return next(self._versions)

    async def all(self) -> list[Session]:
        self.lists += 1
        one = Session(id="shop", status=Status.STARTING, created_at=1, updated_at=1)
        return [one] * ROWS


class ChangingStore:
    """A store in which something changes while its rows are read."""

    def __init__(self) -> None:
        self.sessions = self
        self.version = 1
        self.read_at: list[int] = []

    async def wait_for_change(self, seen: int | None, *, within: float) -> int:
        while seen == self.version:  # noqa: ASYNC110 - a poll, as of the real store
            await asyncio.sleep(0)
        return self.version

    async def all(self) -> list[Session]:
        self.read_at.append(self.version)
        if self.version == 1:
            self.version = 2
        return []


async def test_a_change_that_comes_while_rows_are_read_is_read_too() -> None:
    store, feed = ChangingStore(), EventBuffer()
    poller = ChangePoller(cast(Store, store), Subscriptions(on_publish=feed.see), feed)
    polling = asyncio.create_task(poller.run())
    try:
        with feed.followed():
            await until(lambda: len(store.read_at) == 2)
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
    assert store.read_at == [1, 2]


async def test_a_follower_of_many_sessions_rests_after_each_list() -> None:
    time = TurnedTime(asyncio.get_running_loop())
    store, feed = BusyStore(), EventBuffer()
    poller = ChangePoller(cast(Store, store), Subscriptions(on_publish=feed.see), feed)
    polling = asyncio.create_task(poller.run())
    try:
        with feed.followed():
            for lists in range(1, 4):
                await until(lambda lists=lists: store.lists == lists)  # type: ignore[misc]
                time.advance(ROWS * REST_SECONDS_PER_ROW * 0.8)
                for _ in range(20):  # a poller that does not rest would list again and again
                    await asyncio.sleep(0)
                assert store.lists == lists
                time.advance(ROWS * REST_SECONDS_PER_ROW * 0.3)
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
