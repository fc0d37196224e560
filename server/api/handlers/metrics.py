"""What Prometheus scrapes."""

import asyncio

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from server.assembly import GATEWAY, Gateway
from server.core.errors import SupervisorUnavailable
from server.core.paths import StateFolder
from server.whatsapp_version.status import age, in_use

#: Seconds that supervisord has: a scrape must not fail because it hangs.
SUPERVISOR_TIMEOUT_SECONDS = 2.0


async def show_metrics(request: web.Request) -> web.Response:
    """GET /metrics: in the format that the scraper asks for."""
    gateway = request.app[GATEWAY]
    gateway.metrics.show_sessions(await gateway.store.sessions.counts())
    await _look_at_connectors(gateway)
    await _look_at_version(gateway)
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    body = encode(gateway.metrics.registry)
    return web.Response(body=body, headers={"Content-Type": kind, "Cache-Control": "no-store"})


async def _look_at_version(gateway: Gateway) -> None:
    file = StateFolder(gateway.settings.state).whatsapp_version
    version = await asyncio.to_thread(in_use, gateway.settings, file)
    gateway.metrics.version.show(
        version=version.version,
        source=version.source,
        age=age(version, gateway.clock.wall()),
        is_refused=version.is_refused,
    )


async def _look_at_connectors(gateway: Gateway) -> None:
    try:
        async with asyncio.timeout(SUPERVISOR_TIMEOUT_SECONDS):
            programs, total = await gateway.supervisor.list(), await gateway.supervisor.total()
    except (SupervisorUnavailable, TimeoutError):
        gateway.metrics.connectors.miss()
    else:
        gateway.metrics.connectors.show(programs, total)
