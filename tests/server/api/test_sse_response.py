"""Server-sent events, on a connection that the test holds."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Request

from server.api.sse_response import WRITE_TIMEOUT_SECONDS, EventStream, Stalled
from tests.support.time import TurnedTime, until


class Connection:
    """Takes what is written, until the test has it stall."""

    def __init__(self) -> None:
        self.written = b""
        self.stalls = False
        self.is_stalled = False
        self.is_cut = False

    async def write(self, chunk: bytes) -> None:
        if self.stalls:
            self.is_stalled = True
            await asyncio.Event().wait()
        self.written += chunk

    def abort(self) -> None:
        self.is_cut = True


@pytest.fixture
def connection() -> Connection:
    return Connection()


@pytest.fixture
def stream(connection: Connection) -> EventStream:
    request: Any = make_mocked_request("GET", "/events")
    assert isinstance(request, Request)
    request._protocol.transport = connection  # type: ignore[assignment]
    return EventStream(request, connection)  # type: ignore[arg-type]


async def test_an_event_is_a_block_of_lines(stream: EventStream, connection: Connection) -> None:
    await stream.send("session.status", {"name": "a\nb"}, event_id="f-1")
    assert connection.written == b'id: f-1\nevent: session.status\ndata: {"name":"a\\nb"}\n\n'


async def test_a_place_and_a_sign_of_life_are_no_events(stream: EventStream, connection: Connection) -> None:
    await stream.send_id("f-1")
    await stream.send_heartbeat()
    assert connection.written == b"id: f-1\n\n: \n\n"


async def test_a_reader_that_takes_nothing_is_hung_up_on(stream: EventStream, connection: Connection) -> None:
    time = TurnedTime(asyncio.get_running_loop())
    connection.stalls = True
    sending = asyncio.ensure_future(stream.send_heartbeat())
    await until(lambda: connection.is_stalled)
    time.advance(WRITE_TIMEOUT_SECONDS - 1)
    await asyncio.sleep(0)
    assert not connection.is_cut
    time.advance(2)
    with pytest.raises(Stalled):
        await sending
    assert connection.is_cut
