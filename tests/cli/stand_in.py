"""What stands in for a front: the lock of its state folder, its key, and an app at its address."""

import json
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, contextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder


@contextmanager
def leading(folder: StateFolder) -> Generator[None]:
    """Makes the folder with a key, and has the lock of the front that leads."""
    folder.path.mkdir()
    folder.admin_key.write_text("motte_key\n")
    with closing(LeaderLock(folder)) as lock:
        assert lock.take()
        yield


@asynccontextmanager
async def serving(folder: StateFolder, app: web.Application) -> AsyncGenerator[str]:
    """Serves an app at the address that the folder names; yields the address."""
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        folder.front.write_text(json.dumps({"url": url, "pid": 1}))
        yield url
