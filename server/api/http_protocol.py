"""One HTTP connection: limits slow clients, and responds to unreadable requests with a problem document."""

import asyncio
import logging
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from aiohttp.web_protocol import RequestHandler, _ErrInfo

from server.api.connection_limit import ConnectionLimit
from server.api.early_problems import early_problem, problem_bytes
from server.api.reader_timer import ReaderTimer
from server.api.request_head import MAX_HEAD_BYTES
from server.api.responses import SERVER
from server.core.errors import HeadersTooLarge, MotteError, Overloaded, TooSlow
from server.core.log_events import log_event
from server.documents.problem import PROBLEM_JSON
from server.observability.log_rate_limit import LogRateLimit

log = logging.getLogger(__name__)

#: Seconds in which the head of a request must arrive, counted from the connection or from its first byte.
#: aiohttp has no limit, and every waiting connection uses a file descriptor.
HEAD_TIMEOUT_SECONDS = 15.0


class Protocol(RequestHandler):
    """The protocol of a connection. aiohttp's own logs unreadable requests, which may contain an API key."""

    __slots__ = (
        "_has_begun",
        "_head_bytes",
        "_head_timer",
        "_is_refused",
        "_last_payload",
        "_limit",
        "_public_url",
        "_reader_timer",
        "_unreadable",
        "on_lost",
    )

    #: Runs while the head of a request is expected; None while a request is served or the connection is idle.
    _head_timer: asyncio.TimerHandle | None
    #: Runs while more bytes wait for the client than the buffer should hold, or any and the connection ends.
    _reader_timer: ReaderTimer
    #: Whether the client has sent anything.
    _has_begun: bool
    #: Bytes of a head that is not complete yet.
    _head_bytes: int
    #: The body of the last request; None: there was no request.
    _last_payload: StreamReader | None
    #: Whether the connection ends with a refusal, so that nothing more is read from it.
    _is_refused: bool
    #: Called when the connection ends; None: no request wants to know. See client_loss.py.
    on_lost: Callable[[], None] | None

    def __init__(
        self,
        server: web.Server,
        unreadable: LogRateLimit,
        limit: ConnectionLimit,
        public_url: str | None,
        **options: Any,
    ) -> None:
        super().__init__(server, **options)
        self._unreadable = unreadable
        self._limit = limit
        self._public_url = public_url

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        super().connection_made(transport)
        self._has_begun = False
        self._head_bytes = 0
        self._last_payload = None
        self._is_refused = False
        self.on_lost = None
        self._reader_timer = ReaderTimer(cast(asyncio.Transport, transport), self._loop)
        self._head_timer = self._loop.call_later(HEAD_TIMEOUT_SECONDS, self._head_overdue)
        if not self._limit.admit(self):
            self._refuse_connection()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._is_refused:
            return
        self._has_begun = True
        is_head = self._last_payload is None or self._last_payload.is_eof()
        known = self._request_count
        super().data_received(data)
        if self._request_count > known:
            self._limit.use(self)
            self._stop_head_timer()
            self._head_bytes = 0
            self._take(*self._messages[-1])
            return
        if is_head:
            self._count_head(len(data))
        if self._head_timer is None and self._is_waiting():  # The data is not a part of a body.
            self._head_timer = self._loop.call_later(HEAD_TIMEOUT_SECONDS, self._head_overdue)
            if self._keepalive_handle is not None:
                # It could close the connection within a head. aiohttp starts a new timer after the response.
                self._keepalive_handle.cancel()
                self._keepalive_handle = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """Called by asyncio."""
        self._limit.remove(self)
        self._stop_head_timer()
        self._reader_timer.stop()
        super().connection_lost(exc)
        if self.on_lost is not None:
            self.on_lost()

    async def start(self) -> None:
        """Called by aiohttp: serves the requests until the connection ends."""
        await super().start()
        self._reader_timer.start_if_closing()

    def force_close(self) -> None:
        """Called by aiohttp, and to make room. A client that has not read everything is not waited for."""
        super().force_close()
        self._reader_timer.cut_off()

    def is_idle(self) -> bool:
        """Whether the connection waits for a request, for the rest of one, or for the client to read."""
        if self._reader_timer.is_running():
            return True
        request = self._current_request
        return self._is_waiting() if request is None else not request.content.is_eof()

    def pause_writing(self) -> None:
        """Called by asyncio when the write buffer is full."""
        super().pause_writing()
        self._reader_timer.start()

    def resume_writing(self) -> None:
        """Called by asyncio when the write buffer is nearly empty."""
        self._reader_timer.stop()
        super().resume_writing()
        self._reader_timer.start_if_closing()

    def _refuse_connection(self) -> None:
        """Responds that the host is overloaded, before any request is read, and closes the connection."""
        error = Overloaded()
        body = problem_bytes(error, uuid.uuid4().urn, self._public_url)
        head = (
            f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
            f"Content-Type: {PROBLEM_JSON}\r\nContent-Length: {len(body)}\r\n"
            f"Retry-After: {error.retry_after}\r\nServer: {SERVER}\r\nConnection: close\r\n\r\n"
        )
        if self.transport is not None:
            self.transport.write(head.encode() + body)
        self.force_close()

    def _head_overdue(self) -> None:
        """Refuses the request; if nothing was sent, closes the connection."""
        self._head_timer = None
        if self._has_begun:
            self._refuse(TooSlow())
        else:
            self.force_close()

    def _take(self, message: object, payload: StreamReader) -> None:
        """Handles what the parser found last: a request, or an error after which it finds nothing."""
        body, self._last_payload = self._last_payload, payload
        self._is_refused = isinstance(message, _ErrInfo)
        if isinstance(message, _ErrInfo) and body is not None and not body.is_eof():
            # The handler would wait for the rest of the body, and then a second response would follow.
            self._messages.pop()
            body.set_exception(early_problem(message.status, message.exc))
            body.feed_eof()
            self.close()

    def _count_head(self, size: int) -> None:
        """Refuses a head that is too large before it is complete: aiohttp's parser keeps all of it."""
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            self._stop_head_timer()
            self._refuse(HeadersTooLarge())

    def _refuse(self, error: MotteError) -> None:
        """Responds as aiohttp does to an unreadable request, after the requests before it."""
        self._is_refused = True
        self._messages.append((_ErrInfo(status=error.status, exc=error, message=""), EMPTY_PAYLOAD))
        if self._waiter is not None and self._is_waiting():
            self._waiter.set_result(None)

    def _is_waiting(self) -> bool:
        """Whether aiohttp waits for a request."""
        return self._waiter is not None and not self._waiter.done()

    def _stop_head_timer(self) -> None:
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
        """Called by aiohttp if the request is not valid HTTP, or failed outside every handler."""
        problem = early_problem(status, exc)
        instance = uuid.uuid4().urn
        if self._unreadable.take(self._loop.time()):
            log_event(log.warning, "unreadable_request", error=type(exc).__name__, instance=instance)
        response = web.Response(
            body=problem_bytes(problem, instance, self._public_url),
            status=problem.status,
            headers={"Server": SERVER, **problem.headers()},
            content_type=PROBLEM_JSON,
        )
        response.force_close()
        return response
