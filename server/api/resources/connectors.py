"""Connectors: the processes that act for the sessions."""

import asyncio
from typing import Annotated

from aiohttp import web
from msgspec import Meta

from server.api.openapi.content import json_body
from server.api.openapi.operation import Operation, Response
from server.api.responses import json_response
from server.api.route import Route
from server.api.session_id import requested_id
from server.assembly import GATEWAY, KEY, Gateway
from server.auth.api_keys import Scope
from server.connectors.supervisor_client import RestartCounts
from server.core import errors
from server.core.paths import StateFolder
from server.documents.document import Document
from server.whatsapp_version.status import age, in_use, is_old
from store.records.keys import Key


class ConnectorDocument(Document, frozen=True):
    """The connector of a session."""

    id: Annotated[str, Meta(description="the session's id")]
    state: Annotated[str, Meta(description="`asleep`, or supervisord's state", examples=["running"])]
    pid: Annotated[
        int | None, Meta(description="null if no process runs, or if the key is bound to sessions")
    ]
    restarts: Annotated[
        int, Meta(description="how often it was restarted after a crash, a kill or a full disk")
    ]
    recycled: Annotated[int, Meta(description="how often it was replaced because its memory had grown")]
    uptime: Annotated[float | None, Meta(description="seconds since the current process was started")]
    memory: Annotated[int | None, Meta(description="resident bytes of the current process")]


class VersionDocument(Document, frozen=True):
    """The version of WhatsApp Web that connections announce."""

    version: Annotated[str, Meta(examples=["2.3000.1049950004"])]
    source: Annotated[
        str,
        Meta(description="its source: `built-in`, `announced` by WhatsApp's site, or a `setting`"),
    ]
    age_days: Annotated[int, Meta(description="approximate days since it was built; 0 in the sandbox")]
    is_old: Annotated[bool, Meta(description="whether WhatsApp may refuse it soon because of its age")]
    is_refused: Annotated[bool, Meta(description="whether WhatsApp refuses it now")]


class ConnectorList(Document, frozen=True):
    """The connector of each session, the oldest session first."""

    items: list[ConnectorDocument]
    whatsapp_version: VersionDocument


async def list_connectors(request: web.Request) -> web.Response:
    """Returns the connector of each session, the oldest session first, and the version that they announce."""
    gateway = request.app[GATEWAY]
    ids = [session.id for session in await gateway.store.sessions.all() if request[KEY].may_see(session.id)]
    file = StateFolder(gateway.settings.state).whatsapp_version
    version, now = await asyncio.to_thread(in_use, gateway.settings, file), gateway.clock.wall()
    return json_response(
        ConnectorList(
            items=await _connectors(gateway, ids, request[KEY]),
            whatsapp_version=VersionDocument(
                version=version.version,
                source=version.source,
                age_days=int(age(version, now)),
                is_old=is_old(version, now),
                is_refused=version.is_refused,
            ),
        )
    )


async def show_connector(request: web.Request) -> web.Response:
    """Returns the connector of one session; starts none."""
    gateway = request.app[GATEWAY]
    session = await gateway.store.sessions.require(requested_id(request))
    (connector,) = await _connectors(gateway, [session.id], request[KEY])
    return json_response(connector)


async def _connectors(gateway: Gateway, session_ids: list[str], key: Key) -> list[ConnectorDocument]:
    """Returns the connectors of these sessions, as the key may see them. Raises SupervisorUnavailable.

    A process id counts the processes of the whole host, which do not concern a bound key.
    """
    programs = {program.id: program for program in await gateway.supervisor.list()}
    counts = await gateway.supervisor.tallies()
    connectors = []
    for session_id in session_ids:
        program, count = programs.get(session_id), counts.get(session_id, RestartCounts())
        connectors.append(
            ConnectorDocument(
                id=session_id,
                state="asleep" if program is None else program.state.lower(),
                pid=program.pid if program is not None and key.sessions is None else None,
                restarts=count.restarts,
                recycled=count.recycled,
                uptime=program and program.uptime,
                memory=program and program.memory,
            )
        )
    return connectors


_EXAMPLE = ConnectorDocument(
    id="shop", state="running", pid=4711, restarts=0, recycled=0, uptime=93.5, memory=61_000_000
)
_VERSION_EXAMPLE = VersionDocument(
    version="2.3000.1049950004", source="built-in", age_days=50, is_old=False, is_refused=False
)

_SHOW = Operation(
    "Processes",
    responses={
        200: Response(
            "the connector, or the state `asleep` if none runs",
            json_body(ConnectorDocument, _EXAMPLE),
        )
    },
    errors=(errors.NoSuchSession, errors.SupervisorUnavailable),
)
_LIST = Operation(
    "Processes",
    responses={
        200: Response(
            "one for each session",
            json_body(ConnectorList, ConnectorList(items=[_EXAMPLE], whatsapp_version=_VERSION_EXAMPLE)),
        )
    },
    errors=(errors.SupervisorUnavailable,),
)

ROUTES = (
    Route("GET", "/sessions/{id}/connector", show_connector, scope=Scope.READ, operation=_SHOW),
    Route("GET", "/connectors", list_connectors, scope=Scope.READ, operation=_LIST, filters_by_key=True),
)
