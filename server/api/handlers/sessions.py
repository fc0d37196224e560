"""Sessions as callers ask for them: parse, call, render."""

import secrets

import msgspec
from aiohttp import web

from server.api.prefer_header import Preferences
from server.api.responses import answer
from server.api.schemas.requests import (
    PageQuery,
    ReadQuery,
    after_cursor,
    cursor_after,
    new_session,
    pairing_request,
    query,
    restart_request,
    session_patch,
)
from server.api.schemas.responses import SessionPage, pairing_code_document, session_document
from server.assembly import GATEWAY, KEY, Gateway
from server.auth.api_keys import Scope
from server.core.errors import Forbidden
from server.sessions.long_poll import held, version
from store.records import Session


async def create_session(request: web.Request) -> web.Response:
    """POST /sessions: blocks until the first code is there, unless the caller prefers an answer at once."""
    gateway = request.app[GATEWAY]
    wanted = new_session(await request.read())
    session_id = secrets.token_hex(8) if wanted.id is msgspec.UNSET else wanted.id
    if not request[KEY].may_see(session_id):
        raise Forbidden(f"the API key {request[KEY].name} may create only the sessions that it is bound to")
    fields = wanted.fields()
    if fields.proxy is not None:
        _check_proxy_scope(request)
    is_awaited = not Preferences.of(request.headers).respond_async
    session = await gateway.service.create(session_id, fields=fields, is_awaited=is_awaited)
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
    tag = _held(gateway, request, session)
    if tag is not None:
        return web.Response(status=304, headers={"Cache-Control": "no-store", **_tag(tag)})
    return _session(gateway, session)


async def list_sessions(request: web.Request) -> web.Response:
    """GET /sessions: a page of those that the key reaches; never refreshes."""
    gateway = request.app[GATEWAY]
    wanted = query(request.query, PageQuery)
    after = None if wanted.cursor is None else after_cursor(wanted.cursor)
    found = await gateway.store.sessions.page(
        status=wanted.status, among=request[KEY].sessions, limit=wanted.limit + 1, after=after
    )
    page = found[: wanted.limit]
    return answer(
        SessionPage(
            items=[session_document(session, gateway.expiry) for session in page],
            next_cursor=cursor_after(page[-1]) if len(found) > len(page) else None,
        )
    )


async def update_session(request: web.Request) -> web.Response:
    """PATCH /sessions/{id}: changes what callers set. A JSON merge patch: what is absent stays, null resets.

    A new `deviceName` counts from the next linking on. A new `proxy`, for which the key needs the scope
    `admin`, opens the link again at once. In both cases a code that is shown now dies, since its socket has
    the old ones; the next read gives a new one.
    """
    gateway = request.app[GATEWAY]
    fields = session_patch(await request.read())
    if fields.proxy is not msgspec.UNSET:
        _check_proxy_scope(request)
    return _session(gateway, await gateway.service.update(request.match_info["id"], fields))


def _check_proxy_scope(request: web.Request) -> None:
    """A proxy makes this host connect to any address. Raises Forbidden."""
    if Scope.ADMIN not in request[KEY].scopes:
        raise Forbidden(
            f"the API key {request[KEY].name} lacks the scope {Scope.ADMIN}, which a proxy needs: "
            "it makes this host connect to any address"
        )


async def delete_session(request: web.Request) -> web.Response:
    """DELETE /sessions/{id}: logs out, stops, forgets."""
    await request.app[GATEWAY].service.delete(request.match_info["id"])
    return web.Response(status=204)


async def issue_pairing_code(request: web.Request) -> web.Response:
    """POST /sessions/{id}/pairing-code: eight characters to type on the phone."""
    gateway = request.app[GATEWAY]
    wanted = pairing_request(await request.read())
    code = await gateway.service.pairing_code(request.match_info["id"], wanted.phone_number)
    return answer(pairing_code_document(code))


async def start_session(request: web.Request) -> web.Response:
    """POST /sessions/{id}/start: wakes a session that was stopped; tries one again that failed."""
    gateway = request.app[GATEWAY]
    return _session(gateway, await gateway.service.start(request.match_info["id"]))


async def stop_session(request: web.Request) -> web.Response:
    """POST /sessions/{id}/stop: lets it rest until it is started."""
    gateway = request.app[GATEWAY]
    return _session(gateway, await gateway.service.stop(request.match_info["id"]))


async def restart_session(request: web.Request) -> web.Response:
    """POST /sessions/{id}/restart: ends its connector and starts it; linked credentials stay.

    Without linked credentials a new pairing begins. `{"forget": true}` discards them first.
    """
    gateway = request.app[GATEWAY]
    wanted = restart_request(await request.read())
    session = await gateway.service.restart(request.match_info["id"], forget=wanted.forget)
    return _session(gateway, session)


async def log_session_out(request: web.Request) -> web.Response:
    """POST /sessions/{id}/logout: makes the account forget this device."""
    gateway = request.app[GATEWAY]
    return _session(gateway, await gateway.service.log_out(request.match_info["id"]))


async def _wanted(gateway: Gateway, request: web.Request) -> Session:
    """The session that a read asks for."""
    session_id, seen = request.match_info["id"], _seen(request)
    if not query(request.query, ReadQuery).refresh:
        return await gateway.store.sessions.require(session_id)
    wait = Preferences.of(request.headers).wait
    if seen and wait is not None:
        return await gateway.service.newer(session_id, than=seen, wait=wait)
    return await gateway.service.fresh(session_id)


def _seen(request: web.Request) -> frozenset[str]:
    """The versions that the caller has."""
    return frozenset(tag.value for tag in request.if_none_match or ())


def _held(gateway: Gateway, request: web.Request, session: Session) -> str | None:
    """The version that the caller has, where there is nothing newer; a mere look is told of a code's end."""
    tag = held(session, _seen(request), gateway.expiry)
    is_look = not query(request.query, ReadQuery).refresh
    return None if is_look and tag != version(session, gateway.expiry) else tag


def _session(
    gateway: Gateway, session: Session, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return answer(
        session_document(session, gateway.expiry),
        status=status,
        headers=_tag(version(session, gateway.expiry)) | (headers or {}),
    )


def _tag(version: str) -> dict[str, str]:
    return {"ETag": f'W/"{version}"'}
