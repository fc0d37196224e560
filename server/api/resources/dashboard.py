"""The dashboard, and the login of its browser."""

import logging
from typing import Annotated

import msgspec
from aiohttp import web

from server.api.openapi import error_groups
from server.api.openapi.content import html_body, json_body
from server.api.openapi.operation import Body, Operation, Response
from server.api.openapi.parameters import X_MOTTE
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.parsing import parse_body
from server.assembly import GATEWAY
from server.auth.csrf import refuse_foreign
from server.auth.key_texts import digest
from server.auth.login_cookies import COOKIE, LIFETIME_SECONDS, token_in
from server.core import errors
from server.core.log_events import log_event
from server.documents.document import Document
from server.web.templates import HEADERS, fragment, page, sandbox_mark
from store.records.keys import Key

log = logging.getLogger(__name__)


class LoginRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /login."""

    #: An API key.
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]

    def __repr__(self) -> str:
        return "LoginRequest(…)"


class LoginDocument(Document, frozen=True):
    """What a logged-in browser may do."""

    key: Annotated[str, msgspec.Meta(description="the name of the API key that it logged in with")]
    scopes: Annotated[list[str], msgspec.Meta(description="the scopes of that key")]
    sessions: Annotated[
        list[str] | None,
        msgspec.Meta(description="the ids that the key is bound to; null: it reaches every session"),
    ]


async def show_dashboard(request: web.Request) -> web.Response:
    """Returns the dashboard, or its login form. The page reads what it shows from the API."""
    gateway = request.app[GATEWAY]
    token = token_in(request.headers)
    key = None if token is None else await gateway.logins.key(token)
    login = "" if key is None else msgspec.json.encode(_login(key)).decode()
    return web.Response(
        body=page(
            "dashboard.html",
            login=login,
            sandbox=sandbox_mark(gateway.settings.sandbox),
            writing=fragment("writing.html"),
            messages=fragment("messages.html"),
            phone=fragment("sandbox_phone.html"),
            webhooks=fragment("webhooks.html"),
            webhook_dialogs=fragment("webhook_dialogs.html"),
        ),
        content_type="text/html",
        charset="utf-8",
        headers=HEADERS,
    )


async def log_in(request: web.Request) -> web.Response:
    """Exchanges an API key for a cookie. The browser does not keep the key itself."""
    gateway = request.app[GATEWAY]
    refuse_foreign(request.method, request.headers, gateway.settings.public_url)
    wanted = parse_body(await request.read(), LoginRequest, is_required=True)
    key = await gateway.keys.of(wanted.key, address=request.remote or "unknown")
    gateway.rate_limiter.count(key.name, gateway.clock.boot())
    if (earlier := token_in(request.headers)) is not None:  # The new cookie replaces it in the browser.
        await gateway.logins.end(earlier)
    token = await gateway.logins.begin(digest(wanted.key))
    log_event(log.info, "browser_logged_in", key=key.name)
    response = json_response(_login(key))
    public_url = gateway.settings.public_url or ""
    response.set_cookie(
        COOKIE,
        token,
        max_age=LIFETIME_SECONDS,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.secure or public_url.lower().startswith("https:"),
    )
    return response


async def log_out(request: web.Request) -> web.Response:
    """Ends the login of the cookie and removes the cookie; without a cookie, does nothing."""
    gateway = request.app[GATEWAY]
    refuse_foreign(request.method, request.headers, gateway.settings.public_url)
    token = token_in(request.headers)
    if token is not None:
        await gateway.logins.end(token)
    response = web.Response(status=204, headers={"Cache-Control": "no-store"})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
    return response


def _login(key: Key) -> LoginDocument:
    sessions = None if key.sessions is None else list(key.sessions)
    return LoginDocument(key=key.name, scopes=list(key.scopes), sessions=sessions)


_DASHBOARD = Operation(
    "Pages",
    responses={200: Response("the dashboard, or its login form", html_body("Motte"))},
    errors=(errors.StoreOutOfOrder,),
)
_LOG_IN = Operation(
    "Pages",
    body=Body(LoginRequest, {"key": "motte_…"}, is_required=True),
    headers=(X_MOTTE,),
    responses={
        200: Response(
            "logged in",
            json_body(LoginDocument, LoginDocument(key="admin", scopes=["admin"], sessions=None)),
            headers={"Set-Cookie": "the cookie that the browser sends from now on"},
        )
    },
    errors=(
        *error_groups.BODY,
        errors.Unauthorized,
        errors.ForeignPage,
        errors.RateLimited,
        errors.StoreOutOfOrder,
    ),
)
_LOG_OUT = Operation(
    "Pages",
    headers=(X_MOTTE,),
    responses={204: Response("logged out", headers={"Set-Cookie": "removes the cookie"})},
    errors=(errors.ForeignPage, errors.StoreOutOfOrder),
)

ROUTES = (
    Route("GET", "/", show_dashboard, scope=None, operation=_DASHBOARD),
    Route("POST", "/login", log_in, scope=None, operation=_LOG_IN),
    Route("POST", "/logout", log_out, scope=None, operation=_LOG_OUT),
)
