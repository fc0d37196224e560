"""Gives every request an id, measures it, and logs it."""

import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from server.api.ready_response import ReadyResponse
from server.api.responses import SERVER
from server.assembly import GATEWAY, KEY, LINKED
from server.core.log_events import log_event
from server.core.paths import is_session_id
from server.core.settings.model import AccessLog
from server.observability.log_rate_limit import LogRateLimit
from server.observability.request_id import HEADER, accepted, begin, end

log = logging.getLogger(__name__)

REQUEST_ID = web.RequestKey("request_id", str)

#: The code of the error that the request was answered with.
ERROR_CODE = web.RequestKey("error_code", str)

#: Methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

#: Log lines per minute for requests that were refused before they had a valid key. Without a limit, anybody
#: could flood the log.
UNAUTHENTICATED_LINES_PER_MINUTE = 100

#: The limit of the application.
UNAUTHENTICATED_LIMIT = web.AppKey("unauthenticated_limit", LogRateLimit)


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Runs around all other middlewares, so that it sees what the caller receives."""
    request[REQUEST_ID] = accepted(request.headers.get(HEADER))
    metrics, begun = request.app[GATEWAY].metrics.http, begin(request[REQUEST_ID])
    metrics.in_flight += 1
    try:
        return await _observed(request, handler)
    finally:
        metrics.in_flight -= 1
        end(begun)


async def _observed(request: web.Request, handler: Handler) -> web.StreamResponse:
    gateway = request.app[GATEWAY]
    began = gateway.clock.boot()
    response = await handler(request)
    seconds = gateway.clock.boot() - began
    if isinstance(response, web.Response | ReadyResponse):  # The client decides how long a stream lasts.
        gateway.metrics.http.observe(request.method, path_template(request), response.status, seconds)
    wanted = _is_logged(request, response.status, gateway.settings.access_log)
    if wanted and _is_within_limit(request, response.status, gateway.clock.boot()):
        _write_line(request, response.status, seconds)
    return response


async def complete_head(request: web.Request, response: web.StreamResponse) -> None:
    """Called by aiohttp before it sends the head of a response."""
    response.headers["Server"] = SERVER
    if REQUEST_ID in request:
        response.headers[HEADER] = request[REQUEST_ID]


def path_template(request: web.Request) -> str:
    """Returns the path of the route without the caller's values; `unknown` for an unknown address."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def _is_logged(request: web.Request, status: int, wanted: AccessLog) -> bool:
    if wanted is AccessLog.CHANGES:
        return request.method not in SAFE_METHODS or status >= HTTPStatus.BAD_REQUEST
    return wanted is AccessLog.ALL


def _is_within_limit(request: web.Request, status: int, now: float) -> bool:
    is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    is_limited = KEY not in request and is_client_error
    return not is_limited or request.app[UNAUTHENTICATED_LIMIT].take(now)


def _write_line(request: web.Request, status: int, seconds: float) -> None:
    session_id, key = request.match_info.get("id") or request.get(LINKED, ""), request.get(KEY)
    error = request.get(ERROR_CODE)
    log_event(
        log.info,
        "request",
        session=session_id if is_session_id(session_id) else None,
        method=request.method,
        route=path_template(request),
        status=status,
        ms=round(seconds * 1000),
        **({} if error is None else {"error": error}),
        **({} if key is None else {"key": key.name}),
    )
