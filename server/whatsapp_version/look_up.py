"""Looks up the version that WhatsApp's own site serves: one request with a limited time and size."""

import asyncio
import re
import zlib
from typing import Final

from aiohttp import ClientConnectorCertificateError, ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from server.core.certificates import tls
from server.core.host_proxy import HostProxy
from server.core.http_client import failures, open_client, text_of

#: WhatsApp Web's service worker, in which the site names the revision that it serves.
SERVICE_WORKER: Final = "https://web.whatsapp.com/sw.js"

#: Limit of one look-up, redirects included.
LOOK_UP_TIMEOUT_SECONDS: Final = 10.0

#: Limit of a decompressed service worker. It had about 10 KiB when this was written.
MAX_WORKER_BYTES: Final = 1024 * 1024

#: Redirects are followed only on the same host.
MAX_REDIRECTS: Final = 3

#: The site answers 400 or 429 to clients that do not look like a browser that it serves. Baileys sends the
#: first two as well (lib/Utils/generics.js).
HEADERS: Final = {
    "User-Agent": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/131.0.0.0 Safari/537.36"
    ),
    "Sec-Fetch-Site": "none",
    "Accept": "*/*",
    "Accept-Encoding": "gzip",
}

#: The worker contains its configuration as JSON, directly or in a string with escaped quotes.
_REVISION = re.compile(rb'\\?"client_revision\\?"\s*:\s*([0-9]+)(?![0-9.eE])')

#: A longer number is not a revision.
_MAX_DIGITS: Final = 10


class LookUpFailed(Exception):
    """The look-up failed; the message says why."""


async def look_up(url: str, proxy: HostProxy | None) -> int:
    """Returns the revision that the site announces, without judging it. proxy: as `Settings.proxy`.

    Raises LookUpFailed after at most LOOK_UP_TIMEOUT_SECONDS.
    """
    timeout = ClientTimeout(total=LOOK_UP_TIMEOUT_SECONDS)
    try:
        async with (
            asyncio.timeout(LOOK_UP_TIMEOUT_SECONDS),
            # Without cookies, and without automatic decompression, whose size would not be limited.
            open_client(url, proxy, timeout=timeout, headers=HEADERS, auto_decompress=False) as client,
        ):
            return read_revision(await _fetched(client, URL(url)))
    except TimeoutError:
        raise LookUpFailed(f"no whole answer within {LOOK_UP_TIMEOUT_SECONDS:g} seconds") from None
    except ClientConnectorCertificateError as error:
        raise LookUpFailed(f"its certificate is refused: {error.certificate_error}") from None
    except failures(ValueError) as error:
        raise LookUpFailed(text_of(error)) from None


def read_revision(worker: bytes) -> int:
    """Returns the one revision that a service worker names. Raises LookUpFailed."""
    found = {digits.lstrip(b"0") for digits in _REVISION.findall(worker)}
    if not found:
        raise LookUpFailed("it names no client_revision")
    if len(found) > 1:
        raise LookUpFailed("it names more than one client_revision")
    digits = found.pop()
    if not 0 < len(digits) <= _MAX_DIGITS:
        raise LookUpFailed("its client_revision is no possible number")
    return int(digits)


async def _fetched(client: ClientSession, url: URL) -> bytes:
    origin, trusted = url.origin(), await tls()
    for _ in range(MAX_REDIRECTS + 1):
        async with client.get(url, allow_redirects=False, ssl=trusted) as response:
            if response.status == 200:
                return await _body(response)
            if not 300 < response.status < 309 or "Location" not in response.headers:
                raise LookUpFailed(f"HTTP {response.status}")
            url = _redirected(url, response.headers["Location"])
            if url.origin() != origin:
                raise LookUpFailed("it redirects to another host")
    raise LookUpFailed(f"it redirects more than {MAX_REDIRECTS} times")


def _redirected(url: URL, location: str) -> URL:
    """Returns the target of a redirect. Raises LookUpFailed if it has no host."""
    try:
        there = url.join(URL(location))
        there.origin()
    except ValueError:
        raise LookUpFailed("it redirects to another host") from None
    return there


async def _body(response: ClientResponse) -> bytes:
    """Returns the decompressed body. Raises LookUpFailed if it is too large."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise LookUpFailed("it is packed in a way that was not asked for")
    unpack = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    body = bytearray()
    async for chunk in response.content.iter_any():
        try:
            body += unpack.decompress(chunk, MAX_WORKER_BYTES + 1) if unpack else chunk
        except zlib.error:
            raise LookUpFailed("it cannot be unpacked") from None
        if len(body) > MAX_WORKER_BYTES or (unpack and unpack.unconsumed_tail):
            raise LookUpFailed(f"it has more than {MAX_WORKER_BYTES} bytes")
    if unpack and not unpack.eof:
        raise LookUpFailed("it cannot be unpacked")
    return bytes(body)
