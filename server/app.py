"""The front: one aiohttp process, from its settings to the end of its last request."""

import asyncio
import json
import logging
import os
import signal
import stat
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from server.api.access_log import OF_STRANGERS, STRANGERS, account, name_request
from server.api.auth_middleware import check_key
from server.api.http_protocol import Runner
from server.api.middlewares import expect, take_body, tell_problems
from server.api.openapi.document import openapi
from server.api.resources.description import DESCRIBE
from server.api.routes import add_routes
from server.assembly import GATEWAY, Gateway, gateway
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import SystemClock
from server.core.log_events import log_event
from server.core.paths import StateFolder
from server.core.settings import Settings
from server.core.tasks import beside
from server.observability import logs
from server.observability.log_rate_limit import LogRateLimit
from store.errors import StoreUnavailable

log = logging.getLogger(__name__)

#: Seconds between two tries to begin.
BEGIN_AGAIN = 1.0

#: Bytes of a request's body.
LARGEST_BODY = 64 * 1024

#: Connections that may wait to be accepted: a thousand readers come at once.
BACKLOG = 4096

#: Seconds that requests under way have to end, once those that wait for a code have been answered.
#: aiohttp waits so long twice, and supervisord's patience (stopwaitsecs) is 4.
LAST_REQUESTS = 1.5


def serve(settings: Settings) -> None:
    """Run the front until SIGTERM, SIGINT, or the end of standard input: supervisord has died then."""
    logs.configure(settings.log_format)
    asyncio.run(_serve(settings))


def make_app(whole: Gateway) -> web.Application:
    """The web application around a gateway."""
    around = [account, tell_problems, check_key, take_body]
    app = web.Application(middlewares=around, client_max_size=LARGEST_BODY)
    app[GATEWAY] = whole
    app[STRANGERS] = LogRateLimit("request", OF_STRANGERS)
    app[DESCRIBE] = openapi
    add_routes(app, expect)
    app.on_response_prepare.append(name_request)
    app.on_shutdown.append(_stop_waiting)
    return app


async def _serve(settings: Settings) -> None:
    """Serve until told to stop; where the record is out of order, once it is in order.

    A front that ended instead would be given up soon, and the disk may be full for an hour.
    Raises SchemaTooNew, SqliteTooOld.
    """
    told_to_stop = _stop_signals()
    clock = SystemClock()
    supervisor = SupervisorClient(StateFolder(settings.state).supervisor_socket)
    try:
        while not told_to_stop.is_set():
            try:
                async with gateway(settings, clock, supervisor) as whole, _listening(whole):
                    await told_to_stop.wait()
            except StoreUnavailable as error:
                log_event(log.error, "store_out_of_order", error=error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(told_to_stop.wait(), BEGIN_AGAIN)
    finally:
        await supervisor.close()


@asynccontextmanager
async def _listening(whole: Gateway) -> AsyncGenerator[None]:
    runner = Runner(make_app(whole), access_log=None, shutdown_timeout=LAST_REQUESTS)
    await runner.setup()
    try:
        listen = whole.settings.listen
        await web.TCPSite(runner, listen.host, listen.port, backlog=BACKLOG).start()
        async with beside("announce", lambda: _announce(whole, runner.addresses[0])):
            yield
    finally:
        await runner.cleanup()


async def _stop_waiting(app: web.Application) -> None:
    await app[GATEWAY].stop_waiting()


async def _announce(whole: Gateway, address: tuple[str, int]) -> None:
    """Tell local commands where the front listens, once it owns the pipes."""
    await whole.owns.wait()
    folder = StateFolder(whole.settings.state)
    host, port = address[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    draft = folder.front.with_suffix(".new")
    draft.write_text(json.dumps({"url": url, "pid": os.getpid()}))
    draft.replace(folder.front)


def _stop_signals() -> asyncio.Event:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        loop.add_reader(sys.stdin.fileno(), _read_stdin, told)
    return told


def _read_stdin(told: asyncio.Event) -> None:
    """supervisord holds the other end and says nothing: what can be read is the end."""
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        told.set()
