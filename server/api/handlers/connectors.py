"""The processes behind the sessions, as operators ask for them."""

import asyncio

from aiohttp import web

from server.api.responses import answer
from server.api.schemas.responses import (
    ConnectorDocument,
    ConnectorList,
    connector_document,
    version_document,
)
from server.assembly import GATEWAY, KEY, Gateway
from server.core.paths import StateFolder
from server.whatsapp_version.status import in_use


async def list_connectors(request: web.Request) -> web.Response:
    """GET /connectors: one for each session, the oldest session first, and what links announce."""
    gateway = request.app[GATEWAY]
    ids = [session.id for session in await gateway.store.sessions.all() if request[KEY].may_see(session.id)]
    file = StateFolder(gateway.settings.state).whatsapp_version
    version = await asyncio.to_thread(in_use, gateway.settings, file)
    return answer(
        ConnectorList(
            items=await _described(gateway, ids),
            whatsapp_version=version_document(version, gateway.clock.wall()),
        )
    )


async def show_connector(request: web.Request) -> web.Response:
    """GET /sessions/{id}/connector: the process of one session; wakes nobody."""
    gateway = request.app[GATEWAY]
    session = await gateway.store.sessions.require(request.match_info["id"])
    (described,) = await _described(gateway, [session.id])
    return answer(described)


async def _described(gateway: Gateway, session_ids: list[str]) -> list[ConnectorDocument]:
    """Raises SupervisorUnavailable."""
    programs = {program.id: program for program in await gateway.supervisor.list()}
    tallies = await gateway.supervisor.tallies()
    return [
        connector_document(session_id, programs.get(session_id), tallies.get(session_id))
        for session_id in session_ids
    ]
