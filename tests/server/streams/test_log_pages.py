"""Pages of the event log for callers that wait for the next event."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from server.core.tasks import in_background
from server.events.notifier import Notifier
from server.streams.event_buffer import EventBuffer
from server.streams.event_tail import EventTail
from server.streams.log_pages import LogPages
from store.records.events import Event
from store.sqlite.store import SqliteStore, open_store
from tests.server.streams.test_event_tail import log
from tests.store.samples import session
from tests.support.time import until

#: Events that nobody wants.
OTHERS = 200


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore]:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as store:
        await store.sessions.add(session())
        yield store


async def test_a_wait_looks_at_each_event_once(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand callers may wait for something rare while much else happens."""
    looks = 0
    counts = LogPages._counts

    def counted(self: LogPages, event: Event) -> bool:
        nonlocal looks
        looks += 1
        return counts(self, event)

    monkeypatch.setattr(LogPages, "_counts", counted)
    notifier = Notifier()
    tail = EventTail(store, notifier, EventBuffer())
    pages = LogPages(store.events, tail, sessions=None, types=["call.received"], limit=10)
    async with in_background("tail", tail.run):
        waiting = asyncio.ensure_future(pages.after(None, wait=30))
        await until(lambda: tail._readers == 1)
        for _ in range(OTHERS):
            seen = tail.news.count
            await log(store, "{}")
            notifier.notify()
            await tail.news.wait(seen)
            await asyncio.sleep(0)
        waiting.cancel()

    assert OTHERS // 2 < looks <= 2 * OTHERS
