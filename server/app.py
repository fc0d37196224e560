"""The front: one aiohttp process. `serve` runs it from its settings to the end of its last request."""

import asyncio
import gc
import json
import logging
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from server.api.access_log import (
    UNAUTHENTICATED_LIMIT,
    UNAUTHENTICATED_LINES_PER_MINUTE,
    complete_head,
    observe,
)
from server.api.auth_middleware import check_key
from server.api.cors import allow_origin, answer_preflight
from server.api.http_server import Runner
from server.api.middlewares import expect, read_body, render_errors
from server.api.openapi.document import openapi
from server.api.ready_response import READY, ReadyResponses
from server.api.rendered_sessions import RENDERED, RenderedSessions
from server.api.resources.description import DESCRIBE
from server.api.route import MAX_BODY_BYTES
from server.api.routes import add_routes
from server.assembly import GATEWAY, Gateway, gateway
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import SystemClock
from server.core.event_loop import new_event_loop
from server.core.listeners import CannotListen, bind_all
from server.core.log_events import log_event
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from server.core.tasks import in_background
from server.observability import logs
from server.observability.log_rate_limit import LogRateLimit
from server.observability.loop_errors import log_loop_errors
from server.webhooks.keeper import DelivererKeeper
from store.errors import SchemaTooOld, StoreUnavailable
from store.files import replace_file

log = logging.getLogger(__name__)

#: Seconds between two attempts to start.
RESTART_DELAY_SECONDS = 1.0

#: Connections that may wait to be accepted: a thousand clients may connect at once.
BACKLOG_CONNECTIONS = 4096

#: Connections that are accepted in one turn of the event loop, from each address. asyncio takes this number
#: from the backlog. Each needs a descriptor before the limit of connections hears of it.
ACCEPTED_PER_TURN = 8

#: Seconds that running requests have to end after those that wait for a code got a response.
#: aiohttp waits twice as long, and supervisord kills the front after 4 seconds (stopwaitsecs).
SHUTDOWN_TIMEOUT_SECONDS = 1.5


def serve(settings: Settings) -> None:
    """Runs the front until SIGTERM, SIGINT or the end of standard input: then supervisord has died.

    Raises SystemExit if it cannot listen. After some more tries, supervisord stops everything.
    """
    gc.freeze()  # a process that lives for months need not look at its modules again
    logs.configure(settings.log_format)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(settings))
    except CannotListen as error:
        log_event(log.error, "cannot_listen", address=error.address, error=error.strerror)
        sys.exit(1)


def make_app(whole: Gateway) -> web.Application:
    """Returns the web application of a gateway."""
    middlewares = [observe, answer_preflight, render_errors, check_key, read_body]
    app = web.Application(middlewares=middlewares, client_max_size=MAX_BODY_BYTES)
    app[GATEWAY] = whole
    app[UNAUTHENTICATED_LIMIT] = LogRateLimit("request", UNAUTHENTICATED_LINES_PER_MINUTE)
    app[DESCRIBE] = openapi
    app[RENDERED] = RenderedSessions(whole.expiry)
    app[READY] = ReadyResponses(whole.settings)
    add_routes(app, expect)
    app.on_response_prepare.append(complete_head)
    app.on_response_prepare.append(allow_origin)
    app.on_shutdown.append(_stop_waiting)
    return app


async def _serve(settings: Settings) -> None:
    """Serves until it is stopped. If the database cannot be used, tries again until it can.

    The process must not end then: supervisord would soon give it up, and a disk may be full for an hour. A
    front of an older version may use the database until its operator ends it.
    Raises SchemaTooNew, SqliteTooOld, CannotListen.
    """
    log_loop_errors(asyncio.get_running_loop())
    stopped = _stop_signals()
    clock = SystemClock()
    supervisor = SupervisorClient(StateFolder(settings.state).supervisor_socket)
    try:
        while not stopped.is_set():
            try:
                async with (
                    gateway(settings, clock, supervisor, deliver=_deliver) as whole,
                    _listening(whole),
                ):
                    await stopped.wait()
            except (StoreUnavailable, SchemaTooOld) as error:
                log_event(log.error, "store_out_of_order", error=error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), RESTART_DELAY_SECONDS)
    finally:
        await supervisor.close()


async def _deliver(whole: Gateway) -> None:
    """Keeps a process that delivers to webhooks."""
    keeper = DelivererKeeper(
        whole.settings, whole.store.webhooks, whole.notifier, whole.webhook_changes, whole.metrics.webhooks
    )
    await keeper.run()


@asynccontextmanager
async def _listening(whole: Gateway) -> AsyncGenerator[None]:
    runner = Runner(make_app(whole), access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_SECONDS)
    await runner.setup()
    try:
        bound = bind_all(whole.settings.listen)
        for server in bound:
            await web.SockSite(runner, server, backlog=ACCEPTED_PER_TURN).start()
            server.listen(BACKLOG_CONNECTIONS)
        address = next(server.getsockname() for server in bound if server.family != socket.AF_UNIX)
        async with in_background("announce", lambda: _announce(whole, address)):
            yield
    finally:
        await runner.cleanup()


async def _stop_waiting(app: web.Application) -> None:
    await app[GATEWAY].stop_waiting()


async def _announce(whole: Gateway, address: tuple[str, int]) -> None:
    """Writes the address of the front to a file for local commands, when the front has become the leader."""
    await whole.leads.wait()
    folder = StateFolder(whole.settings.state)
    host, port = address[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    replace_file(folder.front, json.dumps({"url": url, "pid": os.getpid()}).encode())


def _stop_signals() -> asyncio.Event:
    """Returns an event that SIGTERM, SIGINT or the end of standard input sets."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        loop.add_reader(sys.stdin.fileno(), _read_stdin, stopped)
    return stopped


def _read_stdin(stopped: asyncio.Event) -> None:
    """supervisord holds the other end of the pipe and writes nothing: an empty read is the end."""
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stopped.set()
