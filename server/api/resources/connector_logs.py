"""The log of a session's connector, for the people who run Motte."""

import asyncio
from typing import Annotated

import msgspec
from aiohttp import web

from server.api.openapi.content import json_body
from server.api.openapi.operation import Operation, Response
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.parsing import parse_query
from server.api.session_id import requested_id
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.connectors.log_tail import MAX_LINES, log_tail
from server.core import errors
from server.core.paths import StateFolder
from server.documents.document import Document


class LogQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}/connector/log."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LINES)] = 100


class LogDocument(Document, frozen=True):
    """The end of a connector's log."""

    lines: Annotated[
        list[str],
        msgspec.Meta(description="the last lines, the oldest first; empty if the connector wrote none"),
    ]


async def show_log(request: web.Request) -> web.Response:
    """Returns the last lines of the log of one session's connector; starts none."""
    gateway = request.app[GATEWAY]
    wanted = parse_query(request.query, LogQuery)
    session = await gateway.store.sessions.require(requested_id(request))
    folder = StateFolder(gateway.settings.state)
    lines = await asyncio.to_thread(log_tail, folder, session.id, lines=wanted.limit)
    return json_response(LogDocument(lines=lines))


_EXAMPLE = LogDocument(
    lines=[
        "session=shop epoch=1 level=info event=started",
        "session=shop epoch=1 level=info event=phase from=connecting to=qr",
    ]
)

_SHOW = Operation(
    "Processes",
    query=LogQuery,
    responses={200: Response("the last lines", json_body(LogDocument, _EXAMPLE))},
    errors=(errors.ValidationFailed, errors.NoSuchSession),
)

ROUTES = (Route("GET", "/sessions/{id}/connector/log", show_log, scope=Scope.ADMIN, operation=_SHOW),)
