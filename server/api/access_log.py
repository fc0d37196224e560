"""Every request has an id, is measured, and leaves a line in the log."""

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from server.assembly import GATEWAY, KEY, LINKED
from server.core.log_events import log_event
from server.core.paths import is_session_id
from server.core.settings import AccessLog
from server.observability.log_rate_limit import LogRateLimit
from server.observability.request_id import HEADER, accepted, begin, end

log = logging.getLogger(__name__)

REQUEST_ID = web.RequestKey("request_id", str)

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD"})

#: Lines in a minute of requests that were refused before they showed a key that may do what they ask:
#: anybody could wash the log away with them.
OF_STRANGERS = 100

#: Where the application keeps count of them.
STRANGERS = web.AppKey("strangers", LogRateLimit)

#: From here on a status says that something is wrong.
REFUSED = 400
#: From here on it is not the caller's doing.
BROKEN = 500


@web.middleware
async def account(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Stands around everything else, so that what it sees is what the caller gets."""
    request[REQUEST_ID] = accepted(request.headers.get(HEADER))
    metrics, begun = request.app[GATEWAY].metrics, begin(request[REQUEST_ID])
    metrics.in_flight += 1
    try:
        return await _accounted(request, handler)
    finally:
        metrics.in_flight -= 1
        end(begun)


async def _accounted(request: web.Request, handler: Handler) -> web.StreamResponse:
    gateway = request.app[GATEWAY]
    began = gateway.clock.boot()
    response = await handler(request)
    seconds = gateway.clock.boot() - began
    if isinstance(response, web.Response):  # A stream lasts as long as its reader likes.
        gateway.metrics.answered(request.method, template(request), response.status, seconds)
    wanted = _is_logged(request, response.status, gateway.settings.access_log)
    if wanted and _may_be_logged(request, response.status, gateway.clock.boot()):
        _write_line(request, response.status, seconds)
    return response


async def name_request(request: web.Request, response: web.StreamResponse) -> None:
    """Called by aiohttp before the head of an answer is sent."""
    if REQUEST_ID in request:
        response.headers[HEADER] = request[REQUEST_ID]


def template(request: web.Request) -> str:
    """The route without what a caller put into it."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def _is_logged(request: web.Request, status: int, wanted: AccessLog) -> bool:
    if wanted is AccessLog.CHANGES:
        return request.method not in SAFE or status >= REFUSED
    return wanted is AccessLog.ALL


def _may_be_logged(request: web.Request, status: int, now: float) -> bool:
    is_stranger = KEY not in request and REFUSED <= status < BROKEN
    return not is_stranger or request.app[STRANGERS].take(now)


def _write_line(request: web.Request, status: int, seconds: float) -> None:
    session_id, key = request.match_info.get("id") or request.get(LINKED, ""), request.get(KEY)
    log_event(
        log.info,
        "request",
        session=session_id if is_session_id(session_id) else None,
        method=request.method,
        route=template(request),
        status=status,
        ms=round(seconds * 1000),
        **({} if key is None else {"key": key.name}),
    )
