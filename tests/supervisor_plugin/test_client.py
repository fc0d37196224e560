"""supervisord as the front speaks to it, when it does not answer as it should."""

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


async def test_a_supervisord_that_answers_is_heard(rig: Rig) -> None:
    await rig.supervisor.ping()


async def test_where_there_is_no_supervisord_the_front_is_told(client: SupervisorClient) -> None:
    with pytest.raises(SupervisorUnavailable, match="does not answer"):
        await client.ping()


async def test_a_supervisord_that_hangs_is_not_waited_for(client: SupervisorClient, tmp_path: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(hang, tmp_path / "supervisor.sock"):
        with pytest.raises(SupervisorUnavailable, match="does not answer within"):
            await client.list()


async def test_an_answer_that_is_none_is_told(client: SupervisorClient, tmp_path: Path) -> None:
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
