"""Permission for scripts of pages elsewhere to use the API: https://fetch.spec.whatwg.org/#http-cors-protocol

Only for the origins that the operator names. They never get `Access-Control-Allow-Credentials`, so browsers
send no cookie with their requests: such a page needs an API key.
"""

from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from server.assembly import GATEWAY
from server.core.settings.model import Settings

#: Methods that a page may use, also if an address does not support them: the page then sees the error.
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"

#: Headers that a page may send. `X-Motte` is not among them: it protects the dashboard (server/auth/csrf.py).
REQUEST_HEADERS = (
    "Authorization, X-Api-Key, apikey, Content-Type, If-None-Match, Last-Event-ID, Prefer, X-Request-Id"
)

#: Headers that a page may read, in addition to those that it always may, such as `Expires`.
RESPONSE_HEADERS = "Allow, ETag, Location, Preference-Applied, Retry-After, WWW-Authenticate, X-Request-Id"

#: Seconds for which a browser may remember the permission.
MAX_AGE_SECONDS = 600


@web.middleware
async def answer_preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers the question of a browser whether a page may send a request. It carries no key."""
    if not (is_preflight(request) and _is_allowed(request)):
        return await handler(request)
    return web.Response(
        status=HTTPStatus.NO_CONTENT,
        headers={
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": REQUEST_HEADERS,
            "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        },
    )


async def allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    """Called by aiohttp before it sends the head of a response, also of an error."""
    if not varies_by_origin(request.app[GATEWAY].settings):
        return
    varies = response.headers.get("Vary")
    response.headers["Vary"] = f"{varies}, Origin" if varies else "Origin"
    if _is_allowed(request):
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Access-Control-Expose-Headers"] = RESPONSE_HEADERS


def varies_by_origin(settings: Settings) -> bool:
    """Whether responses differ by the origin of the page that sent the request."""
    return settings.cors_origins is not None


def is_preflight(request: web.Request) -> bool:
    """Whether a browser asks for a permission."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _is_allowed(request: web.Request) -> bool:
    return request.headers.get("Origin") in (request.app[GATEWAY].settings.cors_origins or ())
