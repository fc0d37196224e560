"""Notices of the event log: who waits for events hears of them after the commit."""

import asyncio
import threading
from pathlib import Path

import pytest

from store.ports.unit_of_work import UnitOfWork
from store.sqlite.store import open_store
from tests.store.event_samples import happened, log
from tests.store.samples import session


async def test_whoever_waits_is_called_in_the_loop_after_the_commit(path: Path) -> None:
    rung: list[tuple[int, int]] = []
    here = threading.get_ident()

    async with open_store(
        path, boot_id="boot-1", on_events=lambda events: rung.append((threading.get_ident(), len(events)))
    ) as store:
        await store.sessions.add(session())
        assert rung == []
        await log(store, "shop", happened())
        await asyncio.sleep(0)
        assert rung == [(here, 1)]


async def test_an_event_of_a_transaction_that_failed_is_told_to_nobody(path: Path) -> None:
    told: list[str] = []

    def fail(unit: UnitOfWork) -> None:
        unit.add_event(happened(kind="message.received"))
        raise ZeroDivisionError

    async with open_store(
        path, boot_id="boot-1", on_events=lambda events: told.extend(event.type for event in events)
    ) as store:
        await store.sessions.add(session())
        with pytest.raises(ZeroDivisionError):
            await store.transact("shop", fail, token=None)
        await log(store, "shop", happened(kind="session.status"))
        await asyncio.sleep(0)
        assert told == ["session.status"]


async def test_a_caller_that_is_cancelled_after_its_commit_rings_too(path: Path) -> None:
    rung = asyncio.Event()

    async with open_store(path, boot_id="boot-1", on_events=lambda _: rung.set()) as store:
        await store.sessions.add(session())
        task = asyncio.ensure_future(log(store, "shop", happened()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait_for(rung.wait(), 5)
        assert await store.events.newest() == 1
