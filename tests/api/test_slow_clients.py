"""Clients that send slowly, or stop in the middle: none of them holds a connection for long."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from server.api.http_protocol import Protocol
from server.api.http_server import KEEP_ALIVE_SECONDS, Runner
from server.api.middlewares import BODY_TIMEOUT_SECONDS
from server.api.reader_timer import MIN_READ_BYTES, READ_TIMEOUT_SECONDS
from server.app import make_app
from tests.api.conftest import ADMIN_KEY, Front
from tests.api.problem_documents import left_nothing
from tests.support.time import until

HEAD = f"Host: a\r\nAuthorization: Bearer {ADMIN_KEY}\r\n"


@dataclass
class Line:
    """One connection to the front, byte by byte."""

    front: Front
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, text: str) -> None:
        """Returns once the front has read it."""
        self.writer.write(text.encode())
        await until(lambda: self.writer.transport.get_write_buffer_size() == 0)
        for _ in range(20):
            await asyncio.sleep(0)

    async def heard(self, *, within: float | None = 5) -> tuple[int, dict[str, Any]]:
        """The next answer. within: seconds of the clock that the test turns."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), within)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return int(head.split()[1]), dict(json.loads(await self.reader.readexactly(length)))

    async def is_closed(self) -> bool:
        """Whether the front has closed it, having said nothing more."""
        return await asyncio.wait_for(self.reader.read(), 5) == b""


@pytest.fixture
async def line(front: Front) -> AsyncGenerator[Line]:
    async with connected(front) as line:
        yield line


@asynccontextmanager
async def connected(front: Front) -> AsyncGenerator[Line]:
    url = front.client.make_url("/")
    async with _connected(front, url.host, url.port) as line:
        yield line


@asynccontextmanager
async def _connected(front: Front, host: str | None, port: int | None) -> AsyncGenerator[Line]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        line = Line(front, reader, writer)
        await line.say("")
        yield line
    finally:
        writer.close()
        await writer.wait_closed()


#: More than is sent before aiohttp waits for the reader.
MUCH = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n"
#: More than the kernel holds, and less than that. The connection ends with it.
LAST = b"GET /docs/swagger-ui.css HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def reading_slowly(
    front: Front, request: bytes = MUCH
) -> AsyncGenerator[tuple[socket.socket, Protocol]]:
    """Somebody who asked for more than the kernel holds, and reads none of it; and what serves them."""
    url = front.client.make_url("/")
    known = set(connections(front))
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(reader, (url.host, url.port))
        await until(lambda: len(connections(front)) > len(known))
        (protocol,) = set(connections(front)) - known
        assert protocol.transport is not None
        protocol.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        await loop.sock_sendall(reader, request)
        await until(lambda: buffered(protocol) > 0)
        await until_idle()
        yield reader, protocol


def connections(front: Front) -> list[Protocol]:
    runner = front.client.server.runner
    assert runner is not None
    assert runner.server is not None
    return [one for one in runner.server.connections if isinstance(one, Protocol)]


def buffered(protocol: Protocol) -> int:
    """Bytes that wait for the reader."""
    return protocol.transport.get_write_buffer_size() if protocol.transport is not None else 0


async def until_idle() -> None:
    """Let the front do what is due."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_half_a_head_is_answered_once_its_time_is_up(front: Front, line: Line) -> None:
    await line.say("GET /healthz HTTP/1.1\r\nHost: a")
    front.time.advance(14)
    await line.say("b")
    front.time.advance(2)
    status, problem = await line.heard()
    assert (status, problem["code"]) == (408, "request-timeout")
    assert await line.is_closed()


async def test_who_connects_and_says_nothing_is_cut_off_without_a_word(front: Front, line: Line) -> None:
    front.time.advance(16)
    assert await line.is_closed()


async def test_a_connection_may_idle_between_two_requests_and_not_in_the_second(
    front: Front, line: Line
) -> None:
    for pause in (60, 600):
        await line.say("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await line.heard())[0] == 200
        front.time.advance(pause)
    await line.say("GET /hea")
    front.time.advance(16)
    assert (await line.heard())[0] == 408
    assert await line.is_closed()


async def test_a_connection_that_idles_longer_than_a_proxy_would_is_closed(front: Front) -> None:
    runner = Runner(make_app(front.whole))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with _connected(front, *runner.addresses[0]) as line:
            for pause in (KEEP_ALIVE_SECONDS - 1, KEEP_ALIVE_SECONDS + 1):
                await line.say("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                assert (await line.heard())[0] == 200
                front.time.advance(pause)
            assert await line.is_closed()
    finally:
        await runner.cleanup()


async def test_a_reader_that_takes_nothing_is_cut_off(front: Front) -> None:
    async with reading_slowly(front) as (_, protocol):
        front.time.advance(READ_TIMEOUT_SECONDS - 1)
        await until_idle()
        assert protocol.connected
        front.time.advance(2)
        await until(lambda: protocol not in connections(front))
        assert not protocol.connected


async def test_a_reader_that_takes_a_little_at_a_time_is_left_alone_until_it_stops(
    front: Front,
) -> None:
    async with reading_slowly(front) as (reader, protocol):
        for _ in range(3):
            waiting = buffered(protocol)
            while waiting - buffered(protocol) < MIN_READ_BYTES:
                await asyncio.get_running_loop().sock_recv(reader, 65536)
            front.time.advance(READ_TIMEOUT_SECONDS + 1)
            await until_idle()
            assert protocol.connected
        front.time.advance(READ_TIMEOUT_SECONDS + 1)
        await until(lambda: not protocol.connected)


async def test_a_reader_that_leaves_the_last_bytes_of_a_connection_unread_is_cut_off(front: Front) -> None:
    async with reading_slowly(front, LAST) as (_, protocol):
        assert not protocol.writing_paused
        front.time.advance(READ_TIMEOUT_SECONDS + 1)
        await until(lambda: protocol not in connections(front))


async def test_a_reader_that_takes_all_but_the_last_bytes_of_a_connection_is_cut_off(front: Front) -> None:
    async with reading_slowly(front, MUCH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as (
        reader,
        protocol,
    ):
        while buffered(protocol) > 16 * 1024:
            await asyncio.get_running_loop().sock_recv(reader, 1024)
        assert buffered(protocol) > 0
        front.time.advance(READ_TIMEOUT_SECONDS + 1)
        await until(lambda: protocol not in connections(front))


async def test_a_connection_that_idles_with_unread_bytes_is_closed(front: Front) -> None:
    async with reading_slowly(front, LAST.replace(b"Connection: close\r\n", b"")) as (_, protocol):
        protocol.force_close()  # as aiohttp does in the end
        await until(lambda: protocol not in connections(front))


async def test_a_reader_that_takes_all_of_it_may_ask_again_later(front: Front) -> None:
    async with reading_slowly(front) as (reader, protocol):
        while buffered(protocol):
            await asyncio.get_running_loop().sock_recv(reader, 65536)
        front.time.advance(READ_TIMEOUT_SECONDS + 1)
        await until_idle()
        assert protocol.connected


async def test_a_request_that_is_served_is_not_cut_off(front: Front, line: Line) -> None:
    front.whatsapp.silent = True
    await line.say(f"POST /sessions HTTP/1.1\r\n{HEAD}Content-Length: 13\r\n\r\n")
    await line.say('{"id":"shop"}')
    await front.started()
    front.time.advance(25)
    front.connector().begin()
    assert (await line.heard())[0] == 201
    await line.say("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (await line.heard())[0] == 200


async def test_a_body_that_never_ends_is_answered_once_its_time_is_up_and_leaves_nothing(
    front: Front, line: Line
) -> None:
    begun = front.time.clock.boot()
    await line.say(f"POST /sessions HTTP/1.1\r\n{HEAD}Content-Length: 60000\r\n\r\n" + '{"id":')
    hearing = asyncio.create_task(line.heard(within=None))
    while not hearing.done():
        front.time.advance(1)
        await line.say(" ")
    status, problem = await hearing
    assert (status, problem["code"]) == (408, "request-timeout")
    assert front.time.clock.boot() - begun >= BODY_TIMEOUT_SECONDS
    front.time.advance(11)
    assert await line.is_closed()
    assert await left_nothing(front)
