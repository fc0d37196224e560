"""Probes, which need no key: they say what is true, and many of them cost the disk no more than one."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from server.core.errors import SupervisorUnavailable
from server.observability.readiness import FAILED_SECONDS, READY_SECONDS
from tests.api.conftest import Front
from tests.api.problem_documents import problem

PROBES = ("/healthz", "/readyz")


def writes(database: sqlite3.Connection) -> int:
    """A number that grows with each transaction that another connection writes."""
    return int(database.execute("PRAGMA data_version").fetchone()[0])


async def probe(front: Front, times: int) -> set[int]:
    """What so many probes without a key are answered with."""
    async with front.stranger() as stranger:
        return {
            (await stranger.request(method, path)).status
            for _ in range(times)
            for path in PROBES
            for method in ("GET", "HEAD")
        }


async def test_probes_write_to_the_disk_once_in_a_while_however_many_there_are(front: Front) -> None:
    front.time.advance(READY_SECONDS)
    with closing(sqlite3.connect(front.folder.database)) as database:
        before = writes(database)
        assert await probe(front, 1) == {200}
        once = writes(database)
        assert once == before + 1
        assert await probe(front, 20) == {200}
        assert writes(database) == once
        front.time.advance(READY_SECONDS)
        assert await probe(front, 20) == {200}
        assert writes(database) == once + 1


async def test_a_front_that_is_not_ready_says_so_and_soon_after_that_it_is(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def refuse() -> None:
        nonlocal asked
        asked += 1
        raise SupervisorUnavailable

    assert (await front.get("/readyz")).status == 200
    with monkeypatch.context() as patch:
        patch.setattr(front.supervisor, "ping", refuse)
        front.time.advance(READY_SECONDS)
        for response in await asyncio.gather(*(front.get("/readyz") for _ in range(20))):
            await problem(response, 503, "supervisor-unavailable")
        await problem(await front.get("/readyz"), 503, "supervisor-unavailable")
        assert asked == 1
        assert (await front.get("/healthz")).status == 200
    front.time.advance(FAILED_SECONDS)
    assert (await front.get("/readyz")).status == 200


async def test_a_logout_with_a_cookie_that_motte_does_not_know_waits_for_no_writer(front: Front) -> None:
    headers = {"Cookie": "motte_login=" + "a" * 43, "X-Motte": "dashboard"}
    with closing(sqlite3.connect(front.folder.database, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        async with front.stranger() as stranger:
            assert (await stranger.post("/logout", headers=headers)).status == 204
