"""HTTP client of webhooks: it connects to public addresses only, follows nothing and waits for nobody."""

import asyncio
import errno
import os
import socket
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import (
    ClientConnectorError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DummyCookieJar,
)

from server.core.certificates import tls
from server.core.http_client import FAILURES, text_of
from server.core.public_addresses import is_loopback, is_public
from server.core.version import VERSION
from server.webhooks.answers import attempt_of, drain
from server.webhooks.connections import RECEIVE_BUFFER_BYTES, Connector, OutOfStep, Request
from server.webhooks.name_resolver import ThreadResolver
from server.webhooks.schedule import Attempt
from server.webhooks.slots import MAX_AWAITED, MAX_SLOTS

#: Seconds of one try, from the look-up of the name to the headers of the answer.
TIMEOUT_SECONDS = 15.0

#: Milliseconds after which the kernel gives up a connection whose other side takes nothing. Without that, a
#: request that was given up would hold its socket for as long as the other side likes.
UNSENT_MS = 20_000

#: Connections of one try that cannot take its request (OutOfStep). A server may make all of them so.
MAX_OUT_OF_STEP = 10

#: Seconds that the look-up of a name may take when a webhook is made. A name without an address is accepted:
#: it may get one.
LOOK_UP_SECONDS = 3.0

#: Seconds that an address of a name is used without another look-up.
DNS_CACHE_SECONDS = 60

#: Look-ups at the same time: of deliveries, and when webhooks are made. They have threads of their own: a
#: name whose server does not respond blocks one for half a minute, twice as long as a delivery may take.
DELIVERY_THREADS = 2 * (MAX_SLOTS + MAX_AWAITED)
CHECK_THREADS = 16

#: Variable that allows addresses which are not public.
ALLOWED_BY = "MOTTE_ALLOW_PRIVATE_WEBHOOKS=1"


class PrivateAddress(OSError):
    """The address is not public."""

    def __init__(self, address: str) -> None:
        super().__init__(
            errno.EACCES,
            f"{address} is no public address: to allow it, start Motte with {ALLOWED_BY}",
        )

    def __str__(self) -> str:
        return str(self.strerror)


class WebhookClient:
    """Sends requests to webhooks. Use it as a context manager."""

    def __init__(self, *, allow_private: bool, allow_loopback: bool = False) -> None:
        """allow_private: the setting MOTTE_ALLOW_PRIVATE_WEBHOOKS.

        allow_loopback: whether a sandbox runs, whose user has the consumer on this host.
        """
        self._allow_private = allow_private
        self._allow_loopback = allow_loopback
        self._resolver = ThreadResolver(DELIVERY_THREADS)
        self._checks = ThreadResolver(CHECK_THREADS)
        self._session = ClientSession(
            connector=Connector(
                limit=0,  # the deliverer limits its lanes
                resolver=self._resolver,
                ttl_dns_cache=DNS_CACHE_SECONDS,
                socket_factory=self._socket,
            ),
            request_class=Request,
            cookie_jar=DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=ClientTimeout(total=None),
            headers={"User-Agent": f"Motte/{VERSION}", "Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._resolver.close()
        await self._checks.close()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        """Tries to deliver a body; returns how that went. Raises nothing."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                response = await self._post(url, body, headers)
        except TimeoutError:
            return Attempt(error=f"no answer within {TIMEOUT_SECONDS:.0f} s", seconds=_since(began))
        except (*FAILURES, ValueError) as error:  # ValueError: a URL or a header that aiohttp refuses
            return Attempt(error=_reason(error), seconds=_since(began))
        attempt = attempt_of(response, _since(began))
        await drain(response)
        return attempt

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> ClientResponse:
        """Sends the request, through another connection if one is out of step."""
        trusted = await tls() if url.lower().startswith("https:") else True
        out_of_step = 0
        while True:
            try:
                return await self._session.post(
                    url,
                    data=body,
                    headers={**headers, "Content-Type": "application/json"},
                    allow_redirects=False,
                    ssl=trusted,
                )
            except OutOfStep:
                out_of_step += 1
                if out_of_step == MAX_OUT_OF_STEP:
                    raise

    async def private_address(self, url: str) -> str | None:
        """Returns an address of the URL's host to which no webhook may connect. None if it has none now.

        A delivery checks again: a name may have another address then.
        """
        if self._allow_private:
            return None
        host = urlsplit(url).hostname or ""
        return next((found for found in await self._addresses(host) if not self._is_allowed(found)), None)

    def _is_allowed(self, address: str) -> bool:
        """Whether webhooks may connect to a numeric address."""
        return self._allow_private or is_public(address) or (self._allow_loopback and is_loopback(address))

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Returns a socket for a connection to this address, of a name or literal. Raises PrivateAddress.

        aiohttp asks for a socket for each connection that it opens. An address that the URL contains does not
        go through the resolver, and a name may have another address each time.
        """
        address = str(info[4][0])
        if not self._is_allowed(address):
            raise PrivateAddress(address)
        return _any_socket(info)

    async def _addresses(self, host: str) -> list[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            pass
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                return [found["host"] for found in await self._checks.resolve(host)]
        except (OSError, TimeoutError, UnicodeError):
            return []


def _any_socket(info: tuple[Any, ...]) -> socket.socket:
    found = socket.socket(family=info[0], type=info[1], proto=info[2])
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNSENT_MS)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    return found


def _reason(error: Exception) -> str:
    """Returns one line about a failure. It contains nothing that the webhook sent, and no secret."""
    # aiohttp's InvalidURL contains the URL. An error of a certificate is a ValueError too, and an OSError.
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return "the URL cannot be requested"
    cause = error.__cause__
    while cause is not None and cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, PrivateAddress):
        return str(cause)
    if isinstance(error, ClientConnectorError) and not isinstance(error, ClientSSLError):
        return f"no connection: {_plainly(error.os_error)}"
    return text_of(error)


def _plainly(error: OSError) -> str:
    """Returns what the system says, without the words of asyncio around it."""
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or text_of(error)
    return os.strerror(error.errno)


def _since(began: float) -> float:
    return time.monotonic() - began
