"""The end of the event log in the memory of a front."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from server.core.errors import ShuttingDown
from server.core.tasks import in_background
from server.events.notifier import Notifier
from server.streams import event_tail
from server.streams.event_buffer import EventBuffer
from server.streams.event_tail import MAX_EVENTS, EventTail
from server.streams.log_subscription import CodeChanged, LogSubscription
from store.ports.unit_of_work import UnitOfWork
from store.records.events import Event, NewEvent
from store.records.sessions import Status
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import QR, change, session
from tests.support.time import until

#: Seconds until a test gives up.
WITHIN = 10


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore]:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as store:
        await store.sessions.add(session())
        yield store


async def log(store: SqliteStore, *data: str) -> None:
    """Adds events in one transaction."""

    def work(unit: UnitOfWork) -> None:
        for text in data:
            unit.add_event(NewEvent(type="session.status", at=1, data=text))

    await store.transact("shop", work, token=1)


@asynccontextmanager
async def following(
    store: SqliteStore, feed: EventBuffer | None = None
) -> AsyncGenerator[tuple[EventTail, Notifier]]:
    """A tail that is being followed, and its notifier."""
    notifier = Notifier()
    tail = EventTail(store, notifier, feed or EventBuffer())
    async with in_background("tail", tail.run), tail.followed():
        yield tail, notifier


async def test_the_newest_events_are_in_memory_up_to_a_number(store: SqliteStore) -> None:
    async with following(store) as (tail, notifier):
        await log(store, *["{}"] * MAX_EVENTS)
        notifier.notify()
        await until(lambda: tail.newest == MAX_EVENTS)
        at_the_limit = tail.since(0)
        await log(store, "{}")
        notifier.notify()
        await until(lambda: tail.newest == MAX_EVENTS + 1)

        assert at_the_limit is not None
        assert len(at_the_limit) == MAX_EVENTS
        assert tail.since(0) is None
        assert len(tail.since(1) or ()) == MAX_EVENTS


async def test_the_newest_events_are_in_memory_up_to_their_bytes(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_tail, "MAX_BYTES", 300)
    async with following(store) as (tail, notifier):
        await log(store, *["x" * 100] * 3)
        notifier.notify()
        await until(lambda: tail.newest == 3)
        at_the_limit = tail.since(0)
        await log(store, "x")
        notifier.notify()
        await until(lambda: tail.newest == 4)

        assert len(at_the_limit or ()) == 3
        assert tail.since(0) is None
        assert len(tail.since(1) or ()) == 3


async def test_a_slow_reader_holds_a_part_of_what_is_in_memory(store: SqliteStore) -> None:
    async with following(store) as (tail, notifier):
        await log(store, *["x" * 100] * 10)
        notifier.notify()
        await until(lambda: tail.newest == 10)

        assert len(tail.since(0) or ()) == 10
        assert len(tail.since(0, size=300) or ()) == 4
        assert [event.number for event in tail.since(8, size=300) or ()] == [9, 10]


async def test_what_another_process_writes_is_read_without_the_notifier(store: SqliteStore) -> None:
    async with following(store) as (tail, _):
        await log(store, "{}")
        async with asyncio.timeout(WITHIN):
            await until(lambda: tail.newest == 1)


async def test_a_reader_that_comes_right_after_the_last_one_is_served(store: SqliteStore) -> None:
    tail = EventTail(store, Notifier(), EventBuffer())
    async with in_background("tail", tail.run), asyncio.timeout(WITHIN):
        for _ in range(3):
            async with tail.followed():
                pass
            async with tail.followed():
                await asyncio.sleep(0)


async def test_a_code_follows_the_event_of_the_status_that_it_belongs_to(store: SqliteStore) -> None:
    """The change of the code is published after the commit, and before the log is read."""
    notifier = Notifier()
    feed = EventBuffer([session()], on_entry=notifier.notify)
    tail = EventTail(store, notifier, feed)
    subscription = LogSubscription(store.events, tail, feed, sessions=None)
    async with in_background("tail", tail.run), asyncio.timeout(WITHIN):
        items = subscription.items(0)
        reading = asyncio.ensure_future(anext(items))
        await until(lambda: feed.is_followed.is_set())
        await until(lambda: bool(tail.news.count))
        assert isinstance(await reading, CodeChanged)  # those that the reader lacks
        await change(store, lambda before: replace(before, qr=QR))
        await log(store, "{}")
        feed.see("shop", session(qr=QR))
        tail.news_of(None).notify()  # something else wakes the reader before the log is read
        first, second = await anext(items), await anext(items)
        await items.aclose()

    assert isinstance(first, Event)
    assert second == CodeChanged(session(qr=QR))


async def test_a_code_that_is_told_late_takes_no_session_back_and_brings_none_back(
    store: SqliteStore,
) -> None:
    """The end of a code is published; the status that follows is read before that is published too."""
    await store.sessions.add(session("gone"))
    notifier = Notifier()
    known = [session(qr=QR), session("gone", qr=QR)]
    feed = EventBuffer(known, on_entry=notifier.notify)
    tail = EventTail(store, notifier, feed)
    subscription = LogSubscription(store.events, tail, feed, sessions=None)
    async with in_background("tail", tail.run), asyncio.timeout(WITHIN):
        items = subscription.items(0)
        lacked = [await anext(items), await anext(items)]
        await change(store, lambda before: replace(before, status=Status.CONNECTED))
        await store.sessions.delete("gone", token=1)
        await log(store, "{}")
        for one in known:
            feed.see(one.id, replace(one, qr=None, status=Status.PAIRING))
        await log(store, "[]")
        told = [await anext(items) for _ in range(3)]
        await items.aclose()

    assert all(isinstance(item, CodeChanged) for item in lacked)
    codes = [item.session for item in told if isinstance(item, CodeChanged)]
    assert [(one.id, one.status) for one in codes] == [("shop", Status.CONNECTED)]


async def test_an_event_wakes_no_stream_of_another_session(store: SqliteStore) -> None:
    notifier = Notifier()
    feed = EventBuffer([session(), session("cafe")], on_entry=notifier.notify)
    tail = EventTail(store, notifier, feed)
    async with in_background("tail", tail.run), tail.followed():
        shop, cafe, both = tail.news_of(["shop"]), tail.news_of(["cafe"]), tail.news_of(["shop", "cafe"])
        before = (shop.count, cafe.count, both.count)
        await log(store, "{}")
        notifier.notify()
        await until(lambda: tail.newest == 1)
        assert (shop.count - before[0], cafe.count, both.count - before[2]) == (1, before[1], 1)

        feed.see("cafe", session("cafe", qr=QR))
        await until(lambda: tail.released == feed.last)
        assert (shop.count - before[0], cafe.count - before[1]) == (1, 1)

        tail.close(ShuttingDown())
        assert (shop.count - before[0], cafe.count - before[1]) == (2, 2)
    assert tail.news_of(["shop"]) is shop


async def test_readers_end_with_the_front(store: SqliteStore) -> None:
    feed = EventBuffer()
    tail = EventTail(store, Notifier(), feed)
    subscription = LogSubscription(store.events, tail, feed, sessions=[])
    async with in_background("tail", tail.run), asyncio.timeout(WITHIN):
        reading = asyncio.ensure_future(anext(subscription.items(0)))
        await until(lambda: bool(tail.news.count))
        tail.close(ShuttingDown())
        with pytest.raises(ShuttingDown):
            await reading
