"""The right to refresh a session, as a process takes it and gives it back."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from server.sessions.refresh_lease import LEASE_SECONDS, RefreshLeases
from store.errors import StoreUnavailable
from store.sqlite.store import open_store
from tests.support.clock import TurnedClock


async def test_a_right_whose_taking_is_cancelled_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "motte.db"
    async with open_store(path, boot_id="boot-1") as store:
        leases = store.leases
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            taking = asyncio.create_task(_hold(RefreshLeases(leases, TurnedClock())))
            await asyncio.sleep(0)
            taking.cancel()
            other.execute("ROLLBACK")
        with pytest.raises(asyncio.CancelledError):
            await taking
        lease = await leases.get("shop")
        assert lease is not None
        assert lease.expires_at == 0


async def test_a_right_that_is_given_back_passes_at_once_to_who_asked_before(tmp_path: Path) -> None:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as store:
        refresh_leases = RefreshLeases(store.leases, TurnedClock())
        async with refresh_leases.to_refresh("shop"):
            next_one = asyncio.create_task(_take(refresh_leases))
            await asyncio.sleep(0)
            for _ in range(3):  # what it asks of the database meanwhile is answered
                await store.database.write(lambda connection: None)
                await store.database.read(lambda connection: None)
        async with asyncio.timeout(LEASE_SECONDS / 2):
            await next_one


async def test_a_lease_that_cannot_be_released_does_not_fail_the_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(*_: object, **__: object) -> bool:
        raise StoreUnavailable

    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as store:
        clock = TurnedClock()
        refresh_leases = RefreshLeases(store.leases, clock)
        with monkeypatch.context() as patch:
            patch.setattr(store.leases, "release", refuse)
            await _take(refresh_leases)
        assert "event=lease_not_released" in caplog.text
        lease = await store.leases.get("shop")
        assert lease is not None
        assert lease.expires_at == clock.boot() + LEASE_SECONDS, "it ends by itself"


async def _take(refresh_leases: RefreshLeases) -> None:
    async with refresh_leases.to_refresh("shop"):
        return


async def _hold(refresh_leases: RefreshLeases) -> None:
    async with refresh_leases.to_refresh("shop"):
        raise AssertionError("it was cancelled before")
