"""Every route of the API."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from server.api.resources import (
    connectors,
    dashboard,
    description,
    events,
    health,
    lifecycle,
    messages,
    metrics,
    pairing_codes,
    qr,
    scan_links,
    scan_pages,
    sessions,
    static_files,
)
from server.api.route import Route

Expect = Callable[[web.Request], Awaitable[web.StreamResponse | None]]

#: In the order in which the description shows their tags.
ROUTES: tuple[Route, ...] = (
    *sessions.ROUTES,
    *qr.ROUTES,
    *scan_links.ROUTES,
    *events.ROUTES,
    *scan_pages.ROUTES,
    *static_files.ROUTES,
    *pairing_codes.ROUTES,
    *lifecycle.ROUTES,
    *messages.ROUTES,
    *dashboard.ROUTES,
    *connectors.ROUTES,
    *description.ROUTES,
    *metrics.ROUTES,
    *health.ROUTES,
)

BY_HANDLER = {route.handler: route for route in ROUTES}


def add_routes(app: web.Application, expect: Expect) -> None:
    """Adds every route to the application; a GET also serves HEAD. expect: handles the header `Expect`."""
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.handler, expect_handler=expect)
        if route.method == "GET":
            app.router.add_route("HEAD", route.path, route.handler, expect_handler=expect)
