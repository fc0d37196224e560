"""`motte sessions`, against a stand-in for the API."""

import asyncio
import json
from collections.abc import Callable, Generator
from contextlib import closing

import pytest
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result

from server.cli import main
from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder
from tests.cli.sessions.api import FakeApi

Motte = Callable[..., Result]


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def motte(api: FakeApi, folder: StateFolder) -> Generator[Motte]:
    """Run `motte sessions …` while the fake API answers in the name of a front."""
    folder.path.mkdir()
    folder.admin_key.write_text("motte_key\n")

    async def call(arguments: tuple[str, ...], answers: str | None) -> Result:
        async with TestServer(api.app()) as server:
            url = str(server.make_url("")).rstrip("/")
            folder.front.write_text(json.dumps({"url": url, "pid": 1}))
            command = ["sessions", *arguments]
            return await asyncio.to_thread(CliRunner().invoke, main, command, input=answers)

    with closing(LeaderLock(folder)) as ownership:
        assert ownership.take()
        yield lambda *arguments, answers=None: asyncio.run(call(arguments, answers))
