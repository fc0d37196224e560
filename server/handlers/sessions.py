"""Sessions as callers ask for them: parse, call, render."""

import secrets
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from server.answers import answer
from server.clock import iso
from server.desk import Desk
from server.gateway import GATEWAY, Gateway
from server.lookup import look_up
from server.payloads import (
    PageQuery,
    ReadQuery,
    after_cursor,
    cursor_after,
    new_session,
    pairing_request,
    query,
    session_json,
)
from server.preferences import Preferences
from server.watch import version
from store.records import Session


async def create_session(request: web.Request) -> web.Response:
    """POST /sessions: blocks until the first code is there, unless the caller prefers an answer at once."""
    gateway = request.app[GATEWAY]
    wanted = new_session(await request.read())
    session_id = secrets.token_hex(8) if wanted.id is msgspec.UNSET else wanted.id
    is_awaited = not Preferences.of(request.headers).respond_async
    session = await gateway.desk.create(session_id, name=wanted.name, is_awaited=is_awaited)
    headers = {"Location": f"/sessions/{session.id}"}
    if is_awaited:
        return _session(gateway, session, status=201, headers=headers)
    return _session(gateway, session, status=202, headers={**headers, "Preference-Applied": "respond-async"})


async def read_session(request: web.Request) -> web.Response:
    """GET /sessions/{id}: blocks until there is a fresh code, where the last one has expired.

    With If-None-Match and `Prefer: wait=N`, blocks until there is something newer than what the caller has.
    """
    gateway = request.app[GATEWAY]
    session = await _wanted(gateway, request)
    if version(session, gateway.expiry) in _seen(request):
        return web.Response(status=304, headers={"Cache-Control": "no-store", **_tag(gateway, session)})
    return _session(gateway, session)


async def list_sessions(request: web.Request) -> web.Response:
    """GET /sessions: a page; never refreshes."""
    gateway = request.app[GATEWAY]
    wanted = query(request.query, PageQuery)
    after = None if wanted.cursor is None else after_cursor(wanted.cursor)
    found = await gateway.record.page(status=wanted.status, limit=wanted.limit + 1, after=after)
    page = found[: wanted.limit]
    return answer(
        {
            "items": [session_json(session, gateway.expiry) for session in page],
            "nextCursor": cursor_after(page[-1]) if len(found) > len(page) else None,
        }
    )


async def delete_session(request: web.Request) -> web.Response:
    """DELETE /sessions/{id}: logs out, stops, forgets."""
    await request.app[GATEWAY].desk.delete(request.match_info["id"])
    return web.Response(status=204)


async def issue_pairing_code(request: web.Request) -> web.Response:
    """POST /sessions/{id}/pairing-code: eight characters to type on the phone."""
    gateway = request.app[GATEWAY]
    wanted = pairing_request(await request.read())
    code = await gateway.desk.pairing_code(request.match_info["id"], wanted.phone_number)
    return answer(
        {"phoneNumber": code.phone_number, "code": code.code, "expiresAt": iso(code.shown_expires_at)}
    )


def _asking(ask: Callable[[Desk, str], Awaitable[Session]]) -> Handler:
    """A handler that asks this of the session in the path, and shows the session after it."""

    async def ask_session(request: web.Request) -> web.Response:
        gateway = request.app[GATEWAY]
        return _session(gateway, await ask(gateway.desk, request.match_info["id"]))

    return ask_session


#: POST /sessions/{id}/start: wakes a session that was stopped.
start_session = _asking(lambda desk, session_id: desk.start(session_id))
#: POST /sessions/{id}/stop: lets it rest until it is started.
stop_session = _asking(lambda desk, session_id: desk.stop(session_id))
#: POST /sessions/{id}/restart: ends its connector and starts it; from an end, begins a new pairing.
restart_session = _asking(lambda desk, session_id: desk.restart(session_id))
#: POST /sessions/{id}/logout: makes the account forget this device.
log_session_out = _asking(lambda desk, session_id: desk.log_out(session_id))


async def _wanted(gateway: Gateway, request: web.Request) -> Session:
    """The session that a read asks for."""
    session_id, seen = request.match_info["id"], _seen(request)
    if not query(request.query, ReadQuery).refresh:
        return await look_up(gateway.record, session_id)
    wait = Preferences.of(request.headers).wait
    if seen and wait is not None:
        return await gateway.desk.newer(session_id, than=seen, wait=wait)
    return await gateway.desk.fresh(session_id)


def _seen(request: web.Request) -> frozenset[str]:
    """The versions that the caller has."""
    return frozenset(tag.value for tag in request.if_none_match or ())


def _session(
    gateway: Gateway, session: Session, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return answer(
        session_json(session, gateway.expiry),
        status=status,
        headers=_tag(gateway, session) | (headers or {}),
    )


def _tag(gateway: Gateway, session: Session) -> dict[str, str]:
    return {"ETag": f'W/"{version(session, gateway.expiry)}"'}
