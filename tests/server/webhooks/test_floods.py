"""Servers that flood the client of webhooks do not slow the event loop in which it runs."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import thread_time

import pytest

from server.webhooks import http_client
from server.webhooks.connections import MAX_INTERIM_ANSWERS, MAX_RECEIVED_BYTES, BoundedAnswers
from server.webhooks.http_client import MAX_OUT_OF_STEP, WebhookClient
from tests.server.webhooks.raw_server import post, raw

SERVER = Path(__file__).with_name("flood_server.py")

#: Requests at the same time: about as many as the process that delivers sends.
REQUESTS = 60

#: Seconds of work after which the event loop looks at other things. Without bounds it is several.
MAX_LAG = 1.0


@asynccontextmanager
async def flooding(kind: str) -> AsyncGenerator[str]:
    """A server that floods in a process of its own, until the block ends; yields its URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SERVER), kind, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/"
    finally:
        process.kill()
        await process.wait()


@contextmanager
def watched() -> Iterator[list[float]]:
    """The work between two looks of the event loop in seconds of processor time, until the block ends.

    In a quiet process they take as long. Time in which others have the processor is no fault of it.
    """
    loop = asyncio.get_running_loop()
    spans: list[float] = []
    last = thread_time()
    next_look: asyncio.Handle

    def look() -> None:
        nonlocal last, next_look
        now = thread_time()
        spans.append(now - last)
        last = now
        next_look = loop.call_later(0.01, look)

    next_look = loop.call_soon(look)
    try:
        yield spans
        look()
    finally:
        next_look.cancel()


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("interim", None, f"more than {MAX_INTERIM_ANSWERS} interim answers came"),
        ("answers", 200, None),
        ("chunks", 200, None),
    ],
)
async def test_a_server_that_floods_does_not_stop_the_event_loop(
    client: WebhookClient, monkeypatch: pytest.MonkeyPatch, kind: str, status: int | None, error: str | None
) -> None:
    monkeypatch.setattr(http_client, "TIMEOUT_SECONDS", 5.0)  # less to wait for if it fails
    async with flooding(kind) as url:
        with watched() as spans:
            attempts = await asyncio.gather(*(post(client, url) for _ in range(REQUESTS)))

    assert max(spans) < MAX_LAG
    assert {(attempt.status, attempt.error) for attempt in attempts} == {(status, error)}


@pytest.mark.parametrize(("number", "status"), [(MAX_INTERIM_ANSWERS, 204), (MAX_INTERIM_ANSWERS + 1, None)])
async def test_ten_interim_answers_may_come_to_each_request(
    client: WebhookClient, number: int, status: int | None
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"{}")
            writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * number)
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()

    async with raw(talk) as url:
        for _ in range(2):
            assert (await post(client, url)).status == status


@pytest.mark.parametrize(("beyond", "is_kept"), [(0, True), (1, False)])
async def test_the_sizes_of_chunks_count_as_bytes_of_an_answer(
    client: WebhookClient, beyond: int, is_kept: bool
) -> None:
    """A connection whose answer was read to its end is used again."""
    connections = 0
    head, end = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Long: %s\r\n\r\n", b"0\r\n\r\n"
    chunks = b"4\r\nabcd\r\n" * 9000
    filler = MAX_RECEIVED_BYTES - len(head % b"") - len(chunks) - len(end) + beyond
    answer = head % (b"x" * filler) + chunks + end

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await reader.readuntil(b"{}")
            writer.write(answer)
            await writer.drain()

    async with raw(talk) as url:
        for _ in range(2):
            assert (await post(client, url)).is_delivered

    assert connections == (1 if is_kept else 2)


@pytest.mark.parametrize(("early", "is_delivered"), [(MAX_OUT_OF_STEP - 1, True), (MAX_OUT_OF_STEP, False)])
async def test_a_server_that_always_answers_before_the_request_gets_ten_connections(
    client: WebhookClient, monkeypatch: pytest.MonkeyPatch, early: int, is_delivered: bool
) -> None:
    """Whether such an answer comes so early is up to the network: the first connections just say so."""
    connections = 0

    def is_early(_: BoundedAnswers) -> bool:
        nonlocal connections
        connections += 1
        return connections <= early

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    monkeypatch.setattr(http_client, "TIMEOUT_SECONDS", 5.0)
    async with raw(talk) as url:
        with monkeypatch.context() as patched:
            patched.setattr(BoundedAnswers, "should_close", property(is_early))
            attempt = await post(client, url)

    assert attempt.is_delivered is is_delivered
    assert attempt.error == (None if is_delivered else "the server answers before a request is sent")
