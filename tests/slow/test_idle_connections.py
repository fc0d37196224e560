"""More idle connections than the front may have descriptors: the API goes on answering."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve

FILES = 1024
IDLE = 1300
#: Seconds of one request meanwhile.
MAX_SECONDS = 1.0
#: Lines of the front's log.
MAX_LINES = 40


class Limited(Serve):
    """One whose processes may open FILES files, whatever the host allows."""

    def command(self) -> list[str]:
        script = f'ulimit -Sn {FILES} && ulimit -Hn {FILES} && exec "$@"'
        return ["/bin/sh", "-c", script, "sh", *super().command()]


@pytest.fixture
async def limited(sandbox: Sandbox, phones: Phones) -> AsyncGenerator[Motte]:
    serve = Limited(sandbox.settings)
    try:
        async with Motte.opened(serve, phones) as motte:
            yield motte
    finally:
        serve.stop()
        serve.remove()


async def test_a_thousand_idle_connections_leave_room_for_requests_and_sessions(limited: Motte) -> None:
    host, _, port = (limited.serve.url() or "").removeprefix("http://").rpartition(":")
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(IDLE)]
    try:
        for number in range(5):
            async with asyncio.timeout(MAX_SECONDS):
                await limited.ask("GET", "/healthz")
            assert (await limited.create(f"shop-{number}"))["status"] == "qr_waiting"
    finally:
        for _, writer in idle:
            writer.close()
    assert len((limited.folder.logs / "front.log").read_text().splitlines()) < MAX_LINES
