"""The front's client of supervisord, if supervisord does not answer as it should."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.connectors.supervisor_client import SupervisorClient
from server.core.errors import SupervisorUnavailable
from tests.supervisor_plugin.rig import Rig


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SupervisorClient]:
    client = SupervisorClient(tmp_path / "supervisor.sock", within=0.5)
    yield client
    await client.close()


async def test_a_ping_is_answered(rig: Rig) -> None:
    await rig.supervisor.ping()


async def test_a_call_without_a_supervisord_raises_an_error(client: SupervisorClient) -> None:
    with pytest.raises(SupervisorUnavailable, match="does not answer"):
        await client.ping()


async def test_a_call_to_a_supervisord_that_hangs_times_out(client: SupervisorClient, tmp_path: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(hang, tmp_path / "supervisor.sock"):
        with pytest.raises(SupervisorUnavailable, match="does not answer within"):
            await client.list()


async def test_an_http_error_raises_an_error(client: SupervisorClient, tmp_path: Path) -> None:
    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_unix_server(fail, tmp_path / "supervisor.sock"):
        with pytest.raises(SupervisorUnavailable, match="500"):
            await client.ping()


async def test_the_client_outlives_a_restart_of_supervisord(rig: Rig) -> None:
    await rig.supervisor.ping()
    await rig.ctl("reload")
    await rig.shown("front is up")
    await rig.supervisor.ping()
