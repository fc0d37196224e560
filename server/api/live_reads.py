"""The short way of `GET /sessions/{id}`: reads of what is in memory, which is nearly all that clients ask.

It answers before aiohttp looks for the route, with the same response and the same effects as the long way
through the middlewares and the handler. Whatever could make a difference is left to the long way.
"""

from http import HTTPStatus

from aiohttp import web

from server.api.ready_response import READY, ReadyResponse, is_plain
from server.api.rendered_sessions import RENDERED
from server.api.resources.sessions import READ_ROUTE
from server.assembly import GATEWAY
from server.auth.api_keys import Scope, may, presented
from server.core.errors import RateLimited
from server.core.paths import is_session_id
from server.core.settings.model import AccessLog
from server.observability.request_id import HEADER, accepted
from store.records.keys import Key
from store.records.sessions import Session

#: The path of the route up to the id.
PREFIX = READ_ROUTE.path.removesuffix("{id}")


class LiveReads:
    """Answers requests from memory."""

    def __init__(self, app: web.Application) -> None:
        self._gateway = app[GATEWAY]
        self._rendered = app[RENDERED]
        self._ready = app[READY]
        #: Each read leaves a line.
        self._is_logged = self._gateway.settings.access_log is AccessLog.ALL

    def response(self, request: web.BaseRequest) -> ReadyResponse | None:
        """Returns the response. None: take the long way; nothing was counted then but the use of the key."""
        if self._is_logged or not (request.raw_path.startswith(PREFIX) and is_plain(request)):
            return None
        gateway = self._gateway
        began = gateway.clock.boot()
        found = self._found(request, request.raw_path.removeprefix(PREFIX))
        if found is None:
            return None
        key, session = found
        try:
            gateway.rate_limiter.count(key.name, began)
        except RateLimited:
            return None  # The long way refuses it for the same reason.
        response = self._ready.of(self._rendered.of(session), accepted(request.headers.get(HEADER)))
        seconds = gateway.clock.boot() - began
        gateway.metrics.http.observe(request.method, READ_ROUTE.path, HTTPStatus.OK, seconds)
        return response

    def _found(self, request: web.BaseRequest, session_id: str) -> tuple[Key, Session] | None:
        """Returns the request's key and the session that it may read now, if both are in memory."""
        text = presented(request.headers)
        if text is None or not is_session_id(session_id):
            return None
        gateway = self._gateway
        memory = gateway.store.memory()
        session = gateway.service.ready(session_id, memory)
        if session is None:
            return None
        key = gateway.keys.of_memory(text, memory, address=request.remote or "unknown")
        if key is None or not may(key, Scope.READ) or not key.may_see(session_id):
            return None
        return key, session
