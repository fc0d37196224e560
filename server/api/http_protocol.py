"""aiohttp's protocol, made to answer what it cannot read as Motte answers everything else."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_protocol import RequestHandler, _ErrInfo

from server.core.errors import BadRequest, InternalError, MotteError, TooSlow
from server.core.log_events import log_event
from server.observability.log_rate_limit import LogRateLimit

log = logging.getLogger(__name__)

#: Seconds in which the head of a request must come: the first one from the connection on, others from their
#: first byte. aiohttp would wait for ever, and each such connection takes a file descriptor.
HEAD_WITHIN = 15.0

#: Seconds in which a reader must take some of what waits for it: else an answer stays in memory for ever.
TAKEN_WITHIN = 30.0

#: Bytes that count as some: the last of an answer that is slow fits, one that is trickled away does not.
LEAST_TAKEN = 16 * 1024

#: Seconds that a connection may idle between two requests. Longer than the 60 of a proxy before us: the proxy
#: must be the one that closes, or it sends a request into a connection that is going. aiohttp waits an hour.
KEEP_ALIVE = 75.0

#: Lines in a minute of what cannot be read: anybody could wash the log away with it.
UNREADABLE = 60

#: What a request may expect.
CONTINUE = "100-continue"

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Protocol(RequestHandler):
    """One connection. aiohttp would log what it cannot read, and a line of that may be an API key."""

    __slots__ = ("_has_begun", "_head_timer", "_reader_timer", "_unreadable")

    #: Runs while a head is awaited; None: a request is served, or the connection is idle between two.
    _head_timer: asyncio.TimerHandle | None
    #: Runs while the reader has more to take than may wait.
    _reader_timer: asyncio.TimerHandle | None
    #: Whether the client has sent anything.
    _has_begun: bool

    def __init__(self, server: "Server", unreadable: LogRateLimit, **options: Any) -> None:
        super().__init__(server, **options)
        self._unreadable = unreadable

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        super().connection_made(transport)
        self._has_begun = False
        self._reader_timer = None
        self._head_timer = self._loop.call_later(HEAD_WITHIN, self._head_overdue)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._has_begun = True
        known = self._request_count
        super().data_received(data)
        if self._request_count > known:
            self._stop_timer()
        elif self._head_timer is None and self._is_idle():  # What came is no part of a body.
            self._head_timer = self._loop.call_later(HEAD_WITHIN, self._head_overdue)
            self._end_idling()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Called by asyncio."""
        self._stop_timer()
        self._stop_reader_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Called by asyncio, once more waits for the reader than may."""
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        """Called by asyncio, once the reader has taken nearly all."""
        self._stop_reader_timer()
        super().resume_writing()

    def _await_reader(self) -> None:
        if self.transport is not None:
            left = self.transport.get_write_buffer_size()
            self._reader_timer = self._loop.call_later(TAKEN_WITHIN, self._reader_overdue, left)

    def _reader_overdue(self, before: int) -> None:
        """before: bytes that waited when the time began. A reader that is only slow has more of it."""
        self._reader_timer = None
        if self.transport is None:
            return
        if before - self.transport.get_write_buffer_size() >= LEAST_TAKEN:
            self._await_reader()
        else:
            self.transport.abort()

    def _stop_reader_timer(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None

    def _head_overdue(self) -> None:
        """Answer what has begun as aiohttp answers what it cannot read; who never spoke hears nothing."""
        self._head_timer = None
        if not self._has_begun:
            self.force_close()
            return
        error = _ErrInfo(status=TooSlow.status, exc=TooSlow(), message="")
        self._messages.append((error, EMPTY_PAYLOAD))
        if self._waiter is not None and self._is_idle():
            self._waiter.set_result(None)

    def _is_idle(self) -> bool:
        """Whether a request is waited for."""
        return self._waiter is not None and not self._waiter.done()

    def _end_idling(self) -> None:
        """aiohttp would close the connection in the middle of a head; it sets a new time after the answer."""
        if self._keepalive_handle is not None:
            self._keepalive_handle.cancel()
            self._keepalive_handle = None

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Called by aiohttp where the request is no HTTP, or its handling failed outside every handler."""
        problem = _problem(status, exc)
        instance = uuid.uuid4().urn
        if self._unreadable.take(self._loop.time()):
            log_event(log.warning, "unreadable_request", error=type(exc).__name__, instance=instance)
        document = {
            "type": f"/problems/{problem.code}",
            "title": problem.title(),
            "status": problem.status,
            "detail": problem.detail,
            "instance": instance,
            "code": problem.code,
            "retryable": False,
        }
        response = web.Response(
            body=msgspec.json.encode(document) + b"\n",
            status=problem.status,
            content_type="application/problem+json",
        )
        response.force_close()
        return response


def _problem(status: int, error: BaseException | None) -> MotteError:
    """What the caller is told: nothing of an error that is not ours."""
    if isinstance(error, MotteError):
        return error
    return InternalError() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else BadRequest()


def _meeting(handle: Handle) -> Handle:
    """Refuse an expectation that nobody meets before aiohttp sees it: it fails over one that is no text."""

    async def handle_known(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Expect", CONTINUE).lower() == CONTINUE:
            return await handle(request)
        error = BadRequest("Expect may only be 100-continue")
        return request.protocol.handle_error(request, error.status, error)

    return handle_known


class Server(web.Server):
    """Makes a protocol for each connection."""

    #: One count for all connections.
    unreadable: LogRateLimit

    def __call__(self) -> Protocol:
        return Protocol(self, self.unreadable, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application behind this protocol."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app, **{"keepalive_timeout": KEEP_ALIVE, **options})

    async def _make_server(self) -> Any:
        """aiohttp has no door for a protocol of one's own: what it made is given the class."""
        server: Any = await super()._make_server()
        server.__class__ = Server
        server.unreadable = LogRateLimit("unreadable_request", UNREADABLE)
        server.request_handler = _meeting(server.request_handler)
        return server
