"""What each route does: parse, call, render."""

import secrets
from typing import Any

import msgspec
from aiohttp import web

from server.gateway import Gateway
from server.payloads import (
    PageQuery,
    ReadQuery,
    after_cursor,
    cursor_after,
    new_session,
    query,
    session_json,
)
from store.records import Session

GATEWAY = web.AppKey("gateway", Gateway)


async def create_session(request: web.Request) -> web.Response:
    """POST /sessions: blocks until the first code is there."""
    gateway = request.app[GATEWAY]
    wanted = new_session(await request.read())
    session_id = secrets.token_hex(8) if wanted.id is msgspec.UNSET else wanted.id
    session = await gateway.sessions.create(session_id, name=wanted.name, within=gateway.settings.qr_timeout)
    return _session(gateway, session, status=201, headers={"Location": f"/sessions/{session.id}"})


async def read_session(request: web.Request) -> web.Response:
    """GET /sessions/{id}: blocks until there is a fresh code, where the last one has expired."""
    gateway = request.app[GATEWAY]
    wanted = query(request.query, ReadQuery)
    session_id = request.match_info["id"]
    if not wanted.refresh:
        return _session(gateway, await gateway.sessions.get(session_id))
    within = gateway.settings.refresh_timeout
    return _session(gateway, await gateway.sessions.fresh(session_id, within=within))


async def list_sessions(request: web.Request) -> web.Response:
    """GET /sessions: a page; never refreshes."""
    gateway = request.app[GATEWAY]
    wanted = query(request.query, PageQuery)
    after = None if wanted.cursor is None else after_cursor(wanted.cursor)
    found = await gateway.sessions.page(status=wanted.status, limit=wanted.limit + 1, after=after)
    page = found[: wanted.limit]
    return answer(
        {
            "items": [session_json(session, gateway.expiry) for session in page],
            "nextCursor": cursor_after(page[-1]) if len(found) > len(page) else None,
        }
    )


async def delete_session(request: web.Request) -> web.Response:
    """DELETE /sessions/{id}: logs out, stops, forgets."""
    await request.app[GATEWAY].sessions.delete(request.match_info["id"])
    return web.Response(status=204)


async def start_session(request: web.Request) -> web.Response:
    """POST /sessions/{id}/start: wakes a session that was stopped."""
    gateway = request.app[GATEWAY]
    session_id = request.match_info["id"]
    return _session(gateway, await gateway.lifecycle.start(session_id, within=gateway.settings.qr_timeout))


async def stop_session(request: web.Request) -> web.Response:
    """POST /sessions/{id}/stop: lets it rest until it is started."""
    gateway = request.app[GATEWAY]
    return _session(gateway, await gateway.lifecycle.stop(request.match_info["id"]))


async def restart_session(request: web.Request) -> web.Response:
    """POST /sessions/{id}/restart: ends its connector and starts it; from an end, begins a new pairing."""
    gateway = request.app[GATEWAY]
    session_id = request.match_info["id"]
    return _session(gateway, await gateway.lifecycle.restart(session_id, within=gateway.settings.qr_timeout))


async def log_session_out(request: web.Request) -> web.Response:
    """POST /sessions/{id}/logout: makes the account forget this device."""
    gateway = request.app[GATEWAY]
    return _session(gateway, await gateway.lifecycle.log_out(request.match_info["id"]))


async def show_health(request: web.Request) -> web.Response:
    """GET /healthz: the process lives."""
    return answer({"status": "ok"})


async def show_readiness(request: web.Request) -> web.Response:
    """GET /readyz: the database can be written and supervisord answers."""
    gateway = request.app[GATEWAY]
    await gateway.database.write(lambda connection: None)
    await gateway.supervisor.ping()
    return answer({"status": "ready"})


def answer(
    document: Any, *, status: int = 200, headers: dict[str, str] | None = None, kind: str = "application/json"
) -> web.Response:
    """A JSON document that no cache may keep: it may carry a code."""
    return web.Response(
        body=msgspec.json.encode(document),
        status=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        content_type=kind,
    )


def _session(
    gateway: Gateway, session: Session, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return answer(session_json(session, gateway.expiry), status=status, headers=headers)
