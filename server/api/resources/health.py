"""Health checks for load balancers and process managers."""

from aiohttp import web

from server.api.openapi.content import json_body
from server.api.openapi.operation import Operation, Response
from server.api.responses import json_response
from server.api.route import Route
from server.assembly import GATEWAY
from server.core import errors
from server.documents.document import Document


class Health(Document, frozen=True):
    """The health of the front."""

    status: str


async def show_health(request: web.Request) -> web.Response:
    """Reports that the process runs."""
    return json_response(Health(status="ok"))


async def show_readiness(request: web.Request) -> web.Response:
    """Checks that the database can be written and that supervisord responds; at most once in five seconds."""
    await request.app[GATEWAY].readiness.check()
    return json_response(Health(status="ready"))


_HEALTH = Operation(
    "Health", responses={200: Response("the process runs", json_body(Health, Health(status="ok")))}
)
_READINESS = Operation(
    "Health",
    responses={
        200: Response(
            "the database can be written and supervisord responds",
            json_body(Health, Health(status="ready")),
        )
    },
    errors=(errors.SupervisorUnavailable, errors.StoreOutOfOrder),
)

ROUTES = (
    Route("GET", "/healthz", show_health, scope=None, operation=_HEALTH),
    Route("GET", "/readyz", show_readiness, scope=None, operation=_READINESS),
)
