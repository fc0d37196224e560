"""The client of webhooks meets hostile consumers."""

import asyncio
import socket
import time
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web

from server.webhooks.answers import MAX_ANSWER_BYTES
from server.webhooks.http_client import TIMEOUT_SECONDS, WebhookClient
from tests.server.webhooks.raw_server import post, raw
from tests.support.consumer import consumer, status
from tests.support.time import TurnedTime, until


async def test_a_body_arrives_as_it_was_signed(client: WebhookClient) -> None:
    async with consumer() as good:
        attempt = await client.post(good.url, b'{"a": "\xc3\xa4"}', {"webhook-id": "evt_1", "X-Own": "1"})

    [got] = good.got
    assert attempt.is_delivered
    assert got.body == b'{"a": "\xc3\xa4"}'
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("Motte/")
    assert got.headers["x-own"] == "1"


async def test_an_answer_of_a_gibibyte_is_read_to_64_kib(client: WebhookClient) -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            sent += 65536
            await writer.drain()

    async with raw(talk) as url:
        attempt = await post(client, url)

    assert attempt.is_delivered
    assert sent < 100 * MAX_ANSWER_BYTES, "the buffers of the sockets, and no more"


@pytest.mark.parametrize(("length", "is_kept"), [(MAX_ANSWER_BYTES, True), (MAX_ANSWER_BYTES + 1, False)])
async def test_an_answer_is_read_up_to_64_kib(client: WebhookClient, length: int, is_kept: bool) -> None:
    """A connection whose answer was read to its end is used again."""
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await reader.readuntil(b"{}")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
            writer.write(bytes(MAX_ANSWER_BYTES))  # one more byte would never come
            await writer.drain()

    async with raw(talk) as url:
        for _ in range(2):
            assert (await post(client, url)).is_delivered

    assert connections == (1 if is_kept else 2)


async def test_an_answer_of_endless_headers_is_a_failure(client: WebhookClient) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Long: " + b"x" * 60_000)
            await writer.drain()

    async with raw(talk) as url:
        attempt = await post(client, url)

    assert attempt.status is None
    assert attempt.error is not None
    assert "xxx" not in attempt.error


async def test_an_answer_that_is_no_http_is_a_failure_and_is_in_no_log(client: WebhookClient) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SECRET of another service\r\n\r\n")
        await writer.drain()

    async with raw(talk) as url:
        attempt = await post(client, url)

    assert attempt.error is not None
    assert "SECRET" not in attempt.error


async def test_a_delivery_is_done_once_its_status_has_come(client: WebhookClient) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    began = time.monotonic()
    async with raw(talk) as url:
        attempt = await post(client, url)

    assert attempt.is_delivered
    assert time.monotonic() - began < 10, "the body is not waited for"


@pytest.mark.parametrize("answers", [b"", b"HTTP/1.1 200"])
async def test_a_consumer_that_never_answers_ends_after_fifteen_seconds(
    client: WebhookClient, answers: bytes
) -> None:
    turned = TurnedTime(asyncio.get_running_loop())
    came = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers)
        await writer.drain()
        came.set()
        await asyncio.sleep(3600)

    async with raw(talk) as url:
        attempt = asyncio.ensure_future(post(client, url))
        await came.wait()
        turned.advance(TIMEOUT_SECONDS - 1)
        await asyncio.sleep(0.01)
        assert not attempt.done()
        turned.advance(1.1)

        assert (await attempt).error == "no answer within 15 s"


async def test_a_consumer_that_reads_one_byte_a_second_ends_after_fifteen_seconds(
    client: WebhookClient,
) -> None:
    turned = TurnedTime(asyncio.get_running_loop())
    read = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal read
        while True:
            read += len(await reader.read(1))
            await asyncio.sleep(1)

    async with raw(talk) as url:
        attempt = asyncio.ensure_future(client.post(url, bytes(500_000), {}))
        await until(lambda: read > 0)
        for _ in range(17):
            turned.advance(1)
            await asyncio.sleep(0.01)

        assert (await attempt).error == "no answer within 15 s"


async def test_a_cookie_is_not_sent_back(client: WebhookClient) -> None:
    async with consumer() as good:

        async def answer(_: Any) -> Any:
            return web.Response(headers={"Set-Cookie": "a=b; Path=/"})

        good.answer = answer
        await post(client, good.url)
        await post(client, good.url)

    assert "cookie" not in good.got[1].headers


async def test_a_proxy_of_the_environment_is_ignored(
    client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with consumer() as good:
        assert (await post(client, good.url)).is_delivered


async def test_a_server_that_is_not_there_is_named_plainly(client: WebhookClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert (await post(client, f"http://127.0.0.1:{port}/")).error == "no connection: Connection refused"


async def test_a_name_without_an_address_is_named_plainly(client: WebhookClient) -> None:
    error = (await post(client, "http://nowhere.invalid/")).error

    assert error is not None
    assert error.startswith("no connection: ")
    assert "ssl:" not in error


async def test_a_name_that_does_not_exist_is_a_failure(client: WebhookClient) -> None:
    attempt = await post(client, "http://motte.invalid/")

    assert attempt.status is None
    assert attempt.error


async def test_a_url_that_cannot_be_requested_is_a_failure(client: WebhookClient) -> None:
    attempt = await post(client, "http://127.0.0.1:99999/")

    assert attempt.error


async def test_retry_after_may_be_a_date(client: WebhookClient) -> None:
    async with consumer() as bad:
        bad.answer = status(503, Retry_After=formatdate(time.time() + 90, usegmt=True))
        attempt = await post(client, bad.url)

    assert attempt.retry_after == pytest.approx(90, abs=5)


async def test_consumers_share_no_limit_of_connections(client: WebhookClient) -> None:
    """Webhooks on one host do not wait for each other."""
    held = asyncio.Event()
    async with consumer() as slow:

        async def wait(_: Any) -> Any:
            await held.wait()
            return web.Response()

        slow.answer = wait
        waiting = [asyncio.ensure_future(post(client, slow.url)) for _ in range(40)]
        await slow.until(40)
        held.set()
        assert all(attempt.is_delivered for attempt in await asyncio.gather(*waiting))


async def test_a_connection_that_the_server_closes_at_its_next_use_is_replaced(client: WebhookClient) -> None:
    """As many servers do after each answer, or after some seconds."""
    requests: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in (1, 2):
            await reader.readuntil(b"{}")
            requests.append(number)
            if number == 1:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()

    async with raw(talk) as url:
        attempts = [await post(client, url) for _ in range(3)]

    assert all(attempt.is_delivered for attempt in attempts), attempts
    assert requests == [1, 2, 1, 2, 1]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "the connection was closed without an answer"),
        (b"HTTP/1.1 200 SECRET", "the connection was closed within an answer"),
        (b"HTTP/1.1 200 OK\r\nSet-Cookie: SECRET\r\n", "the connection was closed within an answer"),
        (b"SECRET\r\n\r\n", "what came back is no HTTP answer"),
    ],
)
async def test_an_error_names_nothing_of_the_answer(client: WebhookClient, answer: bytes, error: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async with raw(talk) as url:
        attempt = await post(client, url)

    assert attempt.error == error


async def test_an_error_names_nothing_of_the_url(client: WebhookClient) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")  # and resets the connection, as the body is not read

    async with raw(talk) as url:
        attempt = await client.post(f"{url}?token=SECRET", bytes(2**20), {"webhook-id": "evt_1"})

    assert attempt.error in ("Connection reset by peer", "Broken pipe")
