"""Every address of the API."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler

from server.api.handlers import (
    connectors,
    dashboard,
    description,
    events,
    health,
    messages,
    metrics,
    pages,
    qr,
    scan,
    sessions,
)
from server.auth.api_keys import Scope

Expect = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


class Route(NamedTuple):
    """One address with its method."""

    method: str
    path: str
    handler: Handler
    #: What a key must be allowed; None: the address is open to everyone.
    scope: Scope | None
    #: Whether the handler itself keeps to the sessions that its caller's key is bound to (`request[KEY]`).
    #: Where the path has an `{id}`, that one is checked before the handler; any other path is closed to bound
    #: keys unless its handler narrows.
    narrows: bool = False


ROUTES = (
    Route("GET", "/", dashboard.show_dashboard, None),
    Route("POST", "/login", dashboard.log_in, None),
    Route("POST", "/logout", dashboard.log_out, None),
    Route("POST", "/sessions", sessions.create_session, Scope.WRITE, narrows=True),
    Route("GET", "/sessions", sessions.list_sessions, Scope.READ, narrows=True),
    Route("GET", "/sessions/{id}", sessions.read_session, Scope.READ),
    Route("PATCH", "/sessions/{id}", sessions.update_session, Scope.WRITE),
    Route("GET", "/sessions/{id}/qr", qr.show_qr, Scope.READ),
    Route("GET", "/sessions/{id}/events", events.stream_session, Scope.READ),
    Route("GET", "/events", events.stream_all, Scope.READ, narrows=True),
    Route("POST", "/sessions/{id}/scan-link", scan.create_link, Scope.WRITE),
    Route("GET", "/scan/{token}", scan.show_page, None),
    Route("GET", "/scan/{token}/qr.svg", scan.show_picture, None),
    Route("GET", "/scan/{token}/events", scan.stream_page, None),
    Route("GET", "/pages/{asset}", pages.show_file, None),
    Route("POST", "/sessions/{id}/pairing-code", sessions.issue_pairing_code, Scope.WRITE),
    Route("POST", "/sessions/{id}/start", sessions.start_session, Scope.WRITE),
    Route("POST", "/sessions/{id}/stop", sessions.stop_session, Scope.WRITE),
    Route("POST", "/sessions/{id}/restart", sessions.restart_session, Scope.WRITE),
    Route("POST", "/sessions/{id}/logout", sessions.log_session_out, Scope.WRITE),
    Route("GET", "/sessions/{id}/messages", messages.list_messages, Scope.READ),
    Route("DELETE", "/sessions/{id}", sessions.delete_session, Scope.WRITE),
    Route("GET", "/sessions/{id}/connector", connectors.show_connector, Scope.READ),
    Route("GET", "/connectors", connectors.list_connectors, Scope.READ, narrows=True),
    Route("GET", "/metrics", metrics.show_metrics, Scope.READ),
    Route("GET", "/openapi.json", description.show_openapi, None),
    Route("GET", "/docs", description.show_swagger, None),
    Route("GET", "/docs/{file}", description.show_swagger_asset, None),
    Route("GET", "/healthz", health.show_health, None),
    Route("GET", "/readyz", health.show_readiness, None),
)

#: For whoever has to know what a request needs.
BY_HANDLER = {route.handler: route for route in ROUTES}


def add_routes(app: web.Application, expect: Expect) -> None:
    """Give the application its addresses. expect: answers the header `Expect`."""
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.handler, expect_handler=expect)
        if route.method == "GET":
            app.router.add_route("HEAD", route.path, route.handler, expect_handler=expect)
