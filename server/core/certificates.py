"""The certificates of the host, which are read when a connection first needs them.

aiohttp reads them twice when it is imported. That takes 30 ms, and most starts need none.
"""

import asyncio
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

#: Variables that say where OpenSSL looks for certificates (openssl-env(7)).
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@contextmanager
def left_unread() -> Iterator[None]:
    """Lets aiohttp find no certificates during the block, in which it is imported.

    Then each request to an https URL needs `ssl=await tls()`: without it, no server is trusted.
    """
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(dict.fromkeys(VARIABLES, os.devnull))
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


async def tls() -> ssl.SSLContext:
    """Returns what checks a server with the host's certificates. The first call reads them, on a thread."""
    if not _context.cache_info().currsize:
        await asyncio.to_thread(_context)
    return _context()


@cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))  # as aiohttp does
    return context
