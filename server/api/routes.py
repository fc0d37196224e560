"""Every route of the API."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web
from aiohttp.typedefs import Handler

from server.api.path_resource import PathResource
from server.api.resources import (
    chats,
    connector_logs,
    connectors,
    dashboard,
    description,
    events,
    health,
    lifecycle,
    messages,
    metrics,
    pairing_codes,
    problems,
    qr,
    sandbox_messages,
    scan_links,
    scan_pages,
    sending,
    sessions,
    static_files,
    webhook_deliveries,
    webhooks,
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
    *sending.ROUTES,
    *sandbox_messages.ROUTES,
    *chats.ROUTES,
    *webhooks.ROUTES,
    *webhook_deliveries.ROUTES,
    *dashboard.ROUTES,
    *connectors.ROUTES,
    *connector_logs.ROUTES,
    *description.ROUTES,
    *problems.ROUTES,
    *metrics.ROUTES,
    *health.ROUTES,
)


def by_handler(routes: Iterable[Route]) -> Mapping[Handler, Route]:
    """Returns the routes by their handlers. The scope of a request is looked up here.

    Raises ValueError if two routes have one handler: one of them would silently get the scope of the other.
    """
    found: dict[Handler, Route] = {}
    for route in routes:
        other = found.setdefault(route.handler, route)
        if other is not route:
            raise ValueError(
                f"{route.method} {route.path} and {other.method} {other.path} have one handler, "
                "so they would share a scope: give each its own"
            )
    return found


BY_HANDLER = by_handler(ROUTES)


def add_routes(app: web.Application, expect: Expect) -> None:
    """Adds every route to the application; a GET also serves HEAD. expect: handles the header `Expect`."""
    resources = {path: PathResource(path) for path in dict.fromkeys(route.path for route in ROUTES)}
    for resource in resources.values():
        app.router.register_resource(resource)
    for route in ROUTES:
        for method in ("GET", "HEAD") if route.method == "GET" else (route.method,):
            resources[route.path].add_route(method, route.handler, expect_handler=expect)
