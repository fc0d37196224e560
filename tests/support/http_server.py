"""An HTTP server on loopback, in the process of the test."""

import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

#: Seconds that handlers get to end by themselves; for aiohttp, 0 is no limit.
END_WITHIN = 0.01


@asynccontextmanager
async def http_server(
    respond: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    backlog: int = 128,
    context: ssl.SSLContext | None = None,
    **options: Any,
) -> AsyncGenerator[str]:
    """The origin at which it listens until the block ends; then it breaks off what it still answers."""
    server = web.Server(respond, access_log=None, **options)
    runner = web.ServerRunner(server, shutdown_timeout=END_WITHIN)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=backlog, ssl_context=context).start()
        yield f"http{'s' * bool(context)}://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
