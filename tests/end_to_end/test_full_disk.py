"""A front that begins where there is no room for what it has to write."""

import asyncio
import json
import os
import resource
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from server.cli.serve.launch import ROOT
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.records.sessions import Status
from store.sqlite.store import open_store
from tests.store.samples import QR, session
from tests.support.eventually import eventually

#: Bytes that a file may have. SQLite's -shm needs them all; its -wal takes a few changes, and then no more.
ROOM = 1 << 15
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

#: Sessions that show a code.
MANY = 20


class Front:
    """A process of the REST API on a state folder where nothing else runs."""

    def __init__(self, folder: StateFolder) -> None:
        self.folder = folder
        self._log = folder.path / "test.log"
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server", "front", "--listen", "127.0.0.1:0"],
                cwd=ROOT,
                env={**os.environ, "MOTTE_STATE": str(folder.path), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, UNLIMITED[1])),
            )

    async def has_logged(self, event: str, *, times: int = 1) -> bool:
        said = self._log.read_text()
        assert self.process.poll() is None, said
        return said.count(f"event={event} ") >= times

    async def is_announced(self) -> bool:
        return self.folder.front.exists()


@pytest.fixture
async def codes(tmp_path: Path) -> StateFolder:
    """What an earlier front has left."""
    folder = StateFolder(tmp_path)
    boot_id = SystemClock().boot_id
    async with open_store(folder.database, boot_id=boot_id) as store:
        for number in range(MANY):
            code = replace(QR, boot_id=boot_id)
            await store.sessions.add(session(f"s-{number}", status=Status.QR_WAITING, qr=code))
    return folder


@pytest.fixture
async def front(codes: StateFolder) -> AsyncGenerator[Front]:
    front = Front(codes)
    yield front
    front.process.kill()
    front.process.wait()


async def test_a_front_that_has_no_room_to_take_codes_back_waits_for_it(front: Front) -> None:
    await eventually(lambda: front.has_logged("store_out_of_order", times=2))
    assert not front.folder.front.exists()
    resource.prlimit(front.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)
    await eventually(front.is_announced)
    url = json.loads(front.folder.front.read_text())["url"]
    async with aiohttp.ClientSession() as http, http.get(f"{url}/healthz") as answer:
        assert answer.status == 200
    async with open_store(front.folder.database, boot_id=SystemClock().boot_id) as store:
        assert [one.id for one in await store.sessions.all() if one.qr is not None] == []


async def test_a_front_that_waits_for_room_ends_when_it_is_told_to(front: Front) -> None:
    await eventually(lambda: front.has_logged("store_out_of_order"))
    front.process.terminate()
    assert await asyncio.to_thread(front.process.wait, 5) == 0
