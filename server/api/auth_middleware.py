"""Checks the API key of a request: the scope that the route needs, and the sessions that the key may see."""

from aiohttp import web
from aiohttp.typedefs import Handler

from server.api.route import Route
from server.api.routes import BY_HANDLER
from server.api.trailing_slash import redirect
from server.assembly import GATEWAY, KEY
from server.auth.api_keys import check_scope, presented, refuse_in_query
from server.auth.csrf import refuse_foreign
from server.auth.login_cookies import token_in
from server.core import caller
from server.core.errors import Forbidden, no_such_session
from store.records.keys import Key


@web.middleware
async def check_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Calls the handler if the request's key may use its route.

    Raises Unauthorized, RateLimited, ForeignPage, Forbidden, NoSuchSession.
    """
    if (unknown := request.match_info.http_exception) is not None:
        redirected = await redirect(request) if isinstance(unknown, web.HTTPNotFound) else None
        if redirected is None:
            raise unknown
        return redirected
    route = BY_HANDLER[request.match_info.handler]
    if route.scope is not None:
        request[KEY] = await _authenticate(request)
        caller.set_current(caller.with_key(request[KEY].name))
        check_scope(request[KEY], route.scope)
        _check_session(request, route)
    return await handler(request)


async def _authenticate(request: web.Request) -> Key:
    """Returns the key of the request, and counts the request even if it is refused later.

    Raises Unauthorized, RateLimited, ForeignPage.
    """
    gateway = request.app[GATEWAY]
    refuse_in_query(request.query)
    if presented(request.headers) is None and token_in(request.headers) is not None:
        refuse_foreign(request.method, request.headers, gateway.settings.public_url)
    key = await gateway.keys.of_request(request.headers, address=request.remote or "unknown")
    gateway.rate_limiter.count(key.name, gateway.clock.boot())
    return key


def _check_session(request: web.Request, route: Route) -> None:
    """For a key that is bound to sessions, others do not exist. Raises NoSuchSession, Forbidden."""
    key, session_id = request[KEY], request.match_info.get("id")
    if session_id is not None:
        if not key.may_see(session_id):
            raise no_such_session(session_id)
    elif key.sessions is not None and not route.filters_by_key:
        raise Forbidden(f"the API key {key.name} is bound to sessions, and this concerns the whole host")
