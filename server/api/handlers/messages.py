"""Messages as callers ask for them: parse, call, render."""

from aiohttp import web

from server.api.responses import answer
from server.api.schemas.messages import MessageQuery, message_page
from server.api.schemas.requests import query
from server.assembly import GATEWAY


async def list_messages(request: web.Request) -> web.Response:
    """GET /sessions/{id}/messages: what came behind a cursor, the oldest first."""
    gateway = request.app[GATEWAY]
    wanted = query(request.query, MessageQuery)
    after = wanted.number()
    session = await gateway.store.sessions.require(request.match_info["id"])
    found = await gateway.store.messages.page(session.id, after=after, limit=wanted.limit)
    return answer(message_page(found, after=after))
