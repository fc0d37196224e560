"""The client of webhooks meets answers that are wrong, late, or not for it."""

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from server.core.public_addresses import is_public
from server.webhooks import http_client, name_resolver
from server.webhooks.answers import MAX_ANSWER_BYTES, _retry_after
from server.webhooks.http_client import WebhookClient
from server.webhooks.schedule import MAX_RETRY_AFTER_SECONDS
from tests.server.webhooks.raw_server import post, raw
from tests.support.consumer import consumer
from tests.support.eventually import eventually

CERTIFICATE = Path(__file__).parents[2] / "support/self_signed.pem"

REQUEST_END = b"{}"


async def test_an_answer_that_comes_before_its_request_is_not_taken_for_one(client: WebhookClient) -> None:
    """Else each answer would be that to the event before, and a refused event would count as delivered."""
    requests = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        while True:
            await reader.readuntil(REQUEST_END)
            requests += 1
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % (204 if requests == 1 else 500))
            await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()

    async with raw(talk) as url:
        first = await post(client, url)
        await asyncio.sleep(0.1)
        second = await post(client, url)

    assert (first.status, second.status) == (204, 500)


async def test_a_consumer_that_takes_no_bytes_keeps_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's buffers are as small as they are at the beginning of a connection through the internet."""
    monkeypatch.setattr(http_client, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(http_client, "UNSENT_MS", 500)
    made = http_client._any_socket

    def small(info: tuple[Any, ...]) -> socket.socket:
        found = made(info)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return found

    monkeypatch.setattr(http_client, "_any_socket", small)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    port = listening.getsockname()[1]
    with listening:
        async with WebhookClient(allow_private=True) as client:
            attempt = await client.post(f"http://127.0.0.1:{port}/", bytes(130_000), {})
            assert attempt.error == "no answer within 0 s"
            assert _sockets_to(port)

            async def is_free() -> bool:
                return not _sockets_to(port)

            await eventually(is_free)


def _sockets_to(port: int) -> list[str]:
    """The connections to a port for which a process has a descriptor."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [line[2] for line in lines if int(line[2].rpartition(":")[2], 16) == port and line[9] != "0"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nbytes", 101),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", 304),
        (b"HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n", 600),
    ],
)
async def test_an_answer_outside_of_200_to_299_is_a_failure(
    client: WebhookClient, answer: bytes, status: int
) -> None:
    attempt = await _answered(client, answer)

    assert not attempt.is_delivered
    assert attempt.status in (status, None)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
    ],
)
async def test_a_delivery_counts_once_its_status_has_come_whatever_follows(
    client: WebhookClient, answer: bytes
) -> None:
    assert (await _answered(client, answer)).is_delivered


async def test_a_packed_answer_stays_packed(client: WebhookClient) -> None:
    """What is not unpacked cannot grow: these bytes are no gzip, and nobody notices."""
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await reader.readuntil(REQUEST_END)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\n")
            writer.write(bytes(100))
            await writer.drain()

    async with raw(talk) as url:
        for _ in range(2):
            assert (await post(client, url)).is_delivered

    assert connections == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("9" * 400, MAX_RETRY_AFTER_SECONDS),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_SECONDS),
        ("-5", None),
        ("+5", None),
        ("1.5", None),
        ("1e3", None),
        ("0x10", None),
        ("\u0665", None),
        ("", None),
        (",", None),
        ("soon" * 1000, None),
        ("Mon, 32 Foo 2026 25:61:61 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_else_nothing(header: str, seconds: float | None) -> None:
    assert _retry_after(header) == seconds


async def test_a_certificate_that_nobody_signed_is_a_failure_without_a_secret(client: WebhookClient) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("no byte may come through")

    server = await asyncio.start_server(never, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        attempt = await client.post(f"https://127.0.0.1:{port}/?token=SECRET", b"{}", {"X-Own": "SECRET"})

    assert attempt.error is not None
    assert "certificate" in attempt.error
    assert "SECRET" not in attempt.error


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/SECRET?token=SECRET",
        "http://motte.invalid/SECRET?token=SECRET",
        "http://127.0.0.1:99999/SECRET?token=SECRET",
        "https://127.0.0.1:1/SECRET?token=SECRET",
    ],
)
async def test_no_error_has_the_address_behind_the_host(client: WebhookClient, url: str) -> None:
    attempt = await client.post(url, b"SECRET", {"Authorization": "Bearer SECRET"})

    assert attempt.error
    assert "SECRET" not in attempt.error


async def test_of_a_name_with_several_addresses_only_the_public_ones_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A public address is played by a second loopback address, which counts as public here."""
    monkeypatch.setattr(
        http_client, "is_public", lambda address: address == "127.0.0.2" or is_public(address)
    )

    def look_up(host: str, port: int, family: int) -> list[tuple[int, tuple[Any, ...]]]:
        return [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET, ("127.0.0.2", port))]

    monkeypatch.setattr(name_resolver, "_look_up", look_up)
    async with consumer("127.0.0.1") as private:
        port = int(private.url.rsplit(":", 1)[1].split("/")[0])
        came = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(REQUEST_END)
            came.set()
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.2", port)
        async with server, WebhookClient(allow_private=False) as client:
            attempt = await post(client, f"http://two.example:{port}/")
            assert attempt.is_delivered
            assert await client.private_address(f"http://two.example:{port}/") == "127.0.0.1"

    assert came.is_set()
    assert private.got == []


async def _answered(client: WebhookClient, answer: bytes) -> Any:
    assert len(answer) < MAX_ANSWER_BYTES

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(REQUEST_END)
        writer.write(answer)
        await writer.drain()

    async with raw(talk) as url:
        return await post(client, url)
