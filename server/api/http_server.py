"""aiohttp's server with Motte's protocol for each connection (http_protocol.py)."""

import resource
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import HttpVersion11, web

from server.api.connection_limit import ConnectionLimit
from server.api.http_protocol import Protocol
from server.api.live_reads import LiveReads
from server.api.request_head import PARSER_LIMITS, check_head
from server.assembly import GATEWAY
from server.core.errors import BadRequest, MotteError
from server.observability.log_rate_limit import LogRateLimit

#: Seconds that a connection may be idle between two requests; aiohttp's default is an hour.
#: Longer than the 60 of a proxy in front of Motte: if Motte closed first, the proxy could send a request into
#: a closing connection.
KEEP_ALIVE_SECONDS = 75.0

#: Log lines per minute for unreadable requests. Without a limit, anybody could flood the log.
UNREADABLE_LINES_PER_MINUTE = 60

#: The only expectation that a request may have.
CONTINUE = "100-continue"

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server(web.Server):
    """Makes a protocol for each connection."""

    #: One limit for all connections.
    unreadable: LogRateLimit
    limit: ConnectionLimit
    #: The address of Motte for its clients, if it is known.
    public_url: str | None

    def __call__(self) -> Protocol:
        return Protocol(self, self.unreadable, self.limit, self.public_url, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application behind Motte's protocol."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app, **{"keepalive_timeout": KEEP_ALIVE_SECONDS, **PARSER_LIMITS, **options})

    async def _make_server(self) -> Any:
        """aiohttp has no parameter for a protocol: the server that it made gets another class."""
        server: Any = await super()._make_server()
        server.__class__ = Server
        server.unreadable = LogRateLimit("unreadable_request", UNREADABLE_LINES_PER_MINUTE)
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        server.limit = ConnectionLimit(files, self.app[GATEWAY].metrics.http, server._loop.time)
        server.public_url = self.app[GATEWAY].settings.public_url
        server.request_handler = _checking_heads(server.request_handler, LiveReads(self.app))
        return server


def _checking_heads(handle: Handle, reads: LiveReads) -> Handle:
    """Refuses a head that the parser accepts but Motte does not, and answers what is in memory.

    All else is for aiohttp, which looks for the route.
    """

    async def handle_known(request: web.BaseRequest) -> web.StreamResponse:
        try:
            check_head(request)
            _check_expectation(request)
        except MotteError as error:
            request._cache["version"] = HttpVersion11  # That of the response.
            return request.protocol.handle_error(request, error.status, error)
        ready = reads.response(request)
        return await handle(request) if ready is None else ready

    return handle_known


def _check_expectation(request: web.BaseRequest) -> None:
    """aiohttp fails over an expectation that is not text. Raises BadRequest."""
    if request.headers.get("Expect", CONTINUE).lower() != CONTINUE:
        raise BadRequest("Expect may only be 100-continue")
