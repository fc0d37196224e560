"""The page where people look after sessions, and how their browser gets in."""

import logging

import msgspec
from aiohttp import web

from server.api.responses import answer
from server.api.schemas.requests import login_request
from server.api.schemas.responses import login_document
from server.assembly import GATEWAY, Gateway
from server.auth.api_keys import digest
from server.auth.csrf import refuse_foreign
from server.auth.login_cookies import COOKIE, LIFETIME, Login, token_in
from server.core.log_events import log_event
from server.web.templates import HEADERS, page, sandbox_mark
from store.records import Key

log = logging.getLogger(__name__)


async def show_dashboard(request: web.Request) -> web.Response:
    """GET /: the dashboard, or where to log in; what it shows, it asks of the API."""
    gateway = request.app[GATEWAY]
    token = token_in(request.headers)
    key = None if token is None else await gateway.logins.key(token)
    written = "" if key is None else _written(key)
    return web.Response(
        body=page("dashboard.html", login=written, sandbox=sandbox_mark(gateway.settings.sandbox)),
        content_type="text/html",
        charset="utf-8",
        headers=HEADERS,
    )


async def log_in(request: web.Request) -> web.Response:
    """POST /login: gives the browser a cookie for an API key; the key itself is not kept."""
    gateway = request.app[GATEWAY]
    refuse_foreign(request.method, request.headers, gateway.settings.public_url)
    wanted = login_request(await request.read())
    key = await gateway.keys.of(wanted.key, address=request.remote or "unknown")
    gateway.rate_limiter.count(key.name, gateway.clock.boot())
    if (earlier := token_in(request.headers)) is not None:  # the browser forgets it now
        await gateway.logins.end(earlier)
    login = await gateway.logins.begin(digest(wanted.key))
    log_event(log.info, "browser_logged_in", key=key.name)
    response = answer(login_document(key))
    _set(response, login, is_secure=_is_secure(request, gateway))
    return response


async def log_out(request: web.Request) -> web.Response:
    """POST /logout: makes the cookie worthless and takes it away; without one, nothing happens."""
    gateway = request.app[GATEWAY]
    refuse_foreign(request.method, request.headers, gateway.settings.public_url)
    token = token_in(request.headers)
    if token is not None:
        await gateway.logins.end(token)
    response = web.Response(status=204, headers={"Cache-Control": "no-store"})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
    return response


def _set(response: web.Response, login: Login, *, is_secure: bool) -> None:
    """No script reads it, no other site has it sent, and where there is TLS it never travels without."""
    response.set_cookie(
        COOKIE, login.token, max_age=LIFETIME, path="/", httponly=True, samesite="Strict", secure=is_secure
    )


def _is_secure(request: web.Request, gateway: Gateway) -> bool:
    public_url = gateway.settings.public_url or ""
    return request.secure or public_url.lower().startswith("https:")


def _written(key: Key) -> str:
    return msgspec.json.encode(login_document(key)).decode()
