"""Which addresses the client of webhooks connects to."""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from server.core.public_addresses import is_public
from server.webhooks import http_client, name_resolver
from server.webhooks.http_client import LOOK_UP_SECONDS, WebhookClient
from server.webhooks.slots import MAX_AWAITED, MAX_SLOTS
from tests.server.webhooks.raw_server import post
from tests.support.consumer import consumer
from tests.support.time import PATIENCE, TurnedTime


@pytest.fixture
async def strict() -> AsyncGenerator[WebhookClient]:
    async with WebhookClient(allow_private=False) as client:
        yield client


@pytest.fixture
async def in_sandbox() -> AsyncGenerator[WebhookClient]:
    async with WebhookClient(allow_private=False, allow_loopback=True) as client:
        yield client


async def test_an_address_of_this_host_is_refused_before_a_connection(strict: WebhookClient) -> None:
    async with consumer() as private:
        attempt = await post(strict, private.url)

    assert private.got == []
    assert attempt.error == (
        "127.0.0.1 is no public address: to allow it, start Motte with MOTTE_ALLOW_PRIVATE_WEBHOOKS=1"
    )


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "0.0.0.0",  # noqa: S104
        "[::]",
    ],
)
async def test_no_spelling_of_an_address_of_this_host_is_connected_to(
    strict: WebhookClient, host: str
) -> None:
    async with consumer() as private:
        port = private.url.rsplit(":", 1)[1]
        attempt = await post(strict, f"http://{host}:{port}")

    assert private.got == []
    assert not attempt.is_delivered
    assert attempt.error


async def test_a_name_that_turns_to_this_host_at_the_second_look_up_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A public address is played by a second loopback address, which counts as public here."""
    monkeypatch.setattr(
        http_client, "is_public", lambda address: address == "127.0.0.2" or is_public(address)
    )
    async with consumer("127.0.0.2") as public, consumer("127.0.0.1") as private:
        ports = [int(one.url.rsplit(":", 1)[1].split("/")[0]) for one in (public, private)]
        addresses = iter(["127.0.0.2", "127.0.0.1"])

        def look_up(host: str, port: int, family: int) -> list[tuple[int, tuple[Any, ...]]]:
            return [(socket.AF_INET, (next(addresses), port))]

        monkeypatch.setattr(name_resolver, "_look_up", look_up)
        async with WebhookClient(allow_private=False) as client:
            first = await post(client, f"http://turns.example:{ports[0]}/")
            second = await post(client, f"http://turns.example:{ports[1]}/")

    assert first.is_delivered
    assert len(public.got) == 1
    assert private.got == []
    assert second.error is not None
    assert "127.0.0.1 is no public address" in second.error


async def test_a_look_up_that_takes_too_long_refuses_no_address(
    strict: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = TurnedTime(asyncio.get_running_loop())
    held = threading.Event()

    def look_up(*_: Any) -> list[tuple[int, tuple[Any, ...]]]:
        held.wait(PATIENCE)
        return [(socket.AF_INET, ("127.0.0.1", 80))]

    monkeypatch.setattr(name_resolver, "_look_up", look_up)
    found = asyncio.ensure_future(strict.private_address("http://slow.example/"))
    await asyncio.sleep(0.01)
    turned.advance(LOOK_UP_SECONDS - 0.1)
    await asyncio.sleep(0.01)
    assert not found.done()
    turned.advance(0.2)

    assert await found is None
    held.set()
    assert await strict.private_address("http://slow.example/") == "127.0.0.1"


async def test_names_that_do_not_resolve_keep_no_other_name_waiting_however_many_webhooks_have_them(
    client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as are tried at the same time, twice: a look-up goes on after its try was given up."""
    tried = MAX_SLOTS + MAX_AWAITED
    held = threading.Event()

    def look_up(host: str, port: int, family: int) -> list[tuple[int, tuple[Any, ...]]]:
        if host != "good.example":
            held.wait(PATIENCE)
        return [(socket.AF_INET, ("127.0.0.1", port))]

    monkeypatch.setattr(name_resolver, "_look_up", look_up)
    try:
        monkeypatch.setattr(http_client, "TIMEOUT_SECONDS", 0.3)
        await asyncio.gather(*(post(client, f"http://hangs-{number}.example/") for number in range(tried)))
        monkeypatch.setattr(http_client, "TIMEOUT_SECONDS", 10.0)
        others = [
            asyncio.ensure_future(post(client, f"http://hangs-{number}.example/"))
            for number in range(tried, 2 * tried - 1)
        ]
        async with consumer() as good:
            port = good.url.rsplit(":", 1)[1]
            attempt = await post(client, f"http://good.example:{port}")
        for other in others:
            other.cancel()
    finally:
        held.set()
    assert attempt.is_delivered, attempt.error


async def test_in_the_sandbox_a_consumer_on_the_loopback_is_reached(in_sandbox: WebhookClient) -> None:
    async with consumer() as good:
        assert (await post(in_sandbox, good.url)).is_delivered
        assert await in_sandbox.private_address(good.url) is None
    assert await in_sandbox.private_address("http://localhost:1/") is None
    assert await in_sandbox.private_address("http://[::ffff:127.0.0.1]/") is None


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "0.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]"],
)
async def test_in_the_sandbox_every_other_private_address_is_refused(
    in_sandbox: WebhookClient, address: str
) -> None:
    attempt = await post(in_sandbox, f"http://{address}:1/")

    assert "is no public address" in (attempt.error or "")
    assert await in_sandbox.private_address(f"http://{address}:1/") is not None
