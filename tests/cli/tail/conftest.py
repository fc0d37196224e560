"""`motte tail`, against a stand-in for the API."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result
from pytest_aiohttp.plugin import AiohttpServer

from server.cli import main
from server.cli.tail import log_reader
from tests.cli.tail.event_log import FakeLog

#: Seconds that a process gets.
WITHIN = 20

Tail = Callable[..., Any]


@pytest.fixture
def api() -> FakeLog:
    return FakeLog()


@pytest.fixture
async def url(api: FakeLog, aiohttp_server: AiohttpServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOTTE_API_KEY", "motte_key")
    monkeypatch.setattr(log_reader, "RETRY_SECONDS", 0.01)
    server: TestServer = await aiohttp_server(api.app())
    return str(server.make_url("")).rstrip("/")


@pytest.fixture
def tail(url: str) -> Tail:
    """Run `motte tail ARGUMENTS`, which must end by itself."""

    async def tail(*arguments: str) -> Result:
        async with asyncio.timeout(WITHIN):
            return await asyncio.to_thread(CliRunner().invoke, main, ("tail", *arguments, "--url", url))

    return tail
