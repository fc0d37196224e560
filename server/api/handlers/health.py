"""Whether the front lives, and whether it can work."""

from aiohttp import web

from server.api.responses import answer
from server.api.schemas.responses import Health
from server.assembly import GATEWAY


async def show_health(request: web.Request) -> web.Response:
    """GET /healthz: the process lives."""
    return answer(Health(status="ok"))


async def show_readiness(request: web.Request) -> web.Response:
    """GET /readyz: the database can be written and supervisord answers."""
    await request.app[GATEWAY].check_readiness()
    return answer(Health(status="ready"))
