"""Waiting for a change of the store, by this process or another."""

import asyncio
from pathlib import Path

from store.ports.store import Store
from store.sqlite.store import open_store
from tests.store.samples import session


async def test_a_reader_that_has_seen_nothing_waits_for_nothing(store: Store) -> None:
    async with asyncio.timeout(5):
        await store.wait_for_change(None, within=60)


async def test_a_write_of_another_process_ends_the_wait(store: Store, path: Path) -> None:
    seen = await store.wait_for_change(None, within=60)
    async with open_store(path, boot_id="boot-1") as another, asyncio.timeout(5):
        waiting = asyncio.create_task(store.wait_for_change(seen, within=60))
        await another.sessions.add(session())
        assert await waiting != seen


async def test_what_was_written_before_the_wait_ends_it_at_once(store: Store) -> None:
    seen = await store.wait_for_change(None, within=60)
    await store.sessions.add(session())
    async with asyncio.timeout(5):
        assert await store.wait_for_change(seen, within=60) != seen


async def test_a_wait_without_a_change_ends_in_time_with_what_was_seen(store: Store) -> None:
    seen = await store.wait_for_change(None, within=60)
    async with asyncio.timeout(5):
        assert await store.wait_for_change(seen, within=0.1) == seen
