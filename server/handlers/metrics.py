"""What Prometheus scrapes."""

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from server.gateway import GATEWAY


async def show_metrics(request: web.Request) -> web.Response:
    """GET /metrics: in the format that the scraper asks for."""
    gateway = request.app[GATEWAY]
    gateway.metrics.show_sessions(await gateway.record.counts())
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    body = encode(gateway.metrics.registry)
    return web.Response(body=body, headers={"Content-Type": kind, "Cache-Control": "no-store"})
