"""Metrics for Prometheus."""

import asyncio
import re
from collections.abc import Iterable

from aiohttp import web
from prometheus_client import exposition
from prometheus_client.openmetrics import exposition as openmetrics

from server.api.content_negotiation import preferred
from server.api.openapi.content import TEXT
from server.api.openapi.operation import Content, Operation, Response
from server.api.route import Route
from server.assembly import GATEWAY, Gateway
from server.auth.api_keys import Scope
from server.core.errors import SupervisorUnavailable
from server.core.paths import StateFolder
from server.whatsapp_version.status import age, in_use

#: Seconds that supervisord has to respond: a scrape must not fail because it hangs.
SUPERVISOR_TIMEOUT_SECONDS = 2.0

PLAIN, OPENMETRICS = "text/plain", "application/openmetrics-text"

#: A version of OpenMetrics that Motte does not have.
_OTHER_OPENMETRICS = re.compile(rf"{OPENMETRICS}\s*;(.*;)?\s*version\s*=(?!\s*\"?1\.0\.0\b)", re.IGNORECASE)


async def show_metrics(request: web.Request) -> web.Response:
    """Returns the metrics in the format that the scraper accepts."""
    gateway = request.app[GATEWAY]
    gateway.metrics.show_sessions(await gateway.store.sessions.counts())
    gateway.metrics.messages.show_outbox(await gateway.store.outbox.totals(), now=gateway.clock.wall())
    await _update_connectors(gateway)
    await _update_version(gateway)
    if _is_openmetrics(request.headers.getall("Accept", [])):
        body = openmetrics.generate_latest(gateway.metrics.registry)  # type: ignore[no-untyped-call]
        content_type = openmetrics.CONTENT_TYPE_LATEST
    else:
        body = exposition.generate_latest(gateway.metrics.registry)
        content_type = exposition.CONTENT_TYPE_PLAIN_0_0_4
    return web.Response(body=body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})


def _is_openmetrics(headers: Iterable[str]) -> bool:
    """Whether the scraper prefers OpenMetrics.

    headers: every `Accept` of the request. A scraper that accepts neither format gets the older one.
    """
    ranges = [part.strip() for line in headers for part in line.split(",")]
    known = [part for part in ranges if _OTHER_OPENMETRICS.match(part) is None]
    return preferred(known, [PLAIN, OPENMETRICS]) == OPENMETRICS


async def _update_version(gateway: Gateway) -> None:
    file = StateFolder(gateway.settings.state).whatsapp_version
    version = await asyncio.to_thread(in_use, gateway.settings, file)
    gateway.metrics.version.show(
        version=version.version,
        source=version.source,
        age=age(version, gateway.clock.wall()),
        is_refused=version.is_refused,
    )


async def _update_connectors(gateway: Gateway) -> None:
    try:
        async with asyncio.timeout(SUPERVISOR_TIMEOUT_SECONDS):
            programs, total = await gateway.supervisor.list(), await gateway.supervisor.total()
            spares = await gateway.supervisor.spares()
    except (SupervisorUnavailable, TimeoutError):
        gateway.metrics.connectors.miss()
    else:
        gateway.metrics.connectors.show(programs, total, spares)


_EXAMPLE = '# TYPE motte_sessions gauge\nmotte_sessions{status="connected"} 1.0\n'

_METRICS = Operation(
    "Health",
    responses={
        200: Response(
            "the metrics",
            {
                PLAIN: Content(TEXT, _EXAMPLE),
                OPENMETRICS: Content(TEXT, f"{_EXAMPLE}# EOF\n"),
            },
        )
    },
)

ROUTES = (Route("GET", "/metrics", show_metrics, scope=Scope.READ, operation=_METRICS),)
