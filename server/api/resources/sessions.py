"""Sessions: create, list, read, update, delete."""

import secrets
from typing import Annotated

import msgspec
from aiohttp import web

from server.api.access_log import REQUEST_ID
from server.api.client_loss import while_connected
from server.api.conditional import held_etags
from server.api.openapi import error_groups
from server.api.openapi.content import json_body
from server.api.openapi.examples import CONNECTED, STARTING, WAITING, session_shown
from server.api.openapi.operation import Body, Header, Operation, Response
from server.api.openapi.parameters import IF_NONE_MATCH, SESSION_ETAG
from server.api.prefer_header import Preferences, applied_wait
from server.api.ready_response import READY, is_plain
from server.api.rendered_sessions import RENDERED
from server.api.responses import etag, json_response, location, session_response
from server.api.route import Route
from server.api.schemas.cursors import PAGE_LIMIT, decode_cursor, encode_cursor
from server.api.schemas.parsing import parse_body, parse_query
from server.api.schemas.session_fields import NewSession, SessionPatch
from server.api.session_id import requested_id
from server.api.waiting import waiting
from server.assembly import GATEWAY, KEY, Gateway
from server.auth.api_keys import Scope, check_proxy_scope, may
from server.core import errors
from server.documents.document import Document
from server.documents.session import SessionDocument, session_document
from server.sessions.long_poll import held, is_version
from store.records.keys import Key
from store.records.sessions import Status

#: `createdAt` in a cursor: milliseconds since 1970 that SQLite can compare.
CursorTime = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions."""

    status: Annotated[
        list[Status], msgspec.Meta(description="any of these; none: every status. Repeat it, or use commas")
    ] = []
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50
    cursor: str | None = None


class ReadQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}."""

    #: False: the read refreshes no code.
    refresh: bool = True


class SessionPage(Document, frozen=True):
    """A page of sessions, the oldest first."""

    items: list[SessionDocument]
    next_cursor: Annotated[str | None, msgspec.Meta(description="for `?cursor=`; null on the last page")]


async def create_session(request: web.Request) -> web.Response:
    """Creates a session and waits for its first code, unless the request prefers `respond-async`."""
    gateway, key = request.app[GATEWAY], request[KEY]
    wanted = parse_body(await request.read(), NewSession)
    fields = wanted.fields()
    session_id = secrets.token_hex(8) if wanted.id is msgspec.UNSET else wanted.id
    if not key.may_see(session_id):
        raise errors.Forbidden(f"the API key {key.name} may create only the sessions that it is bound to")
    if fields.proxy is not None:
        check_proxy_scope(key)
    is_awaited = not Preferences.of(request.headers).respond_async
    try:
        session = await gateway.service.create(session_id, fields=fields, is_awaited=is_awaited)
    except errors.SessionExists as error:
        raise await _shown_if_readable(gateway, key, error) from None
    headers = location(session.id, gateway.settings.public_url)
    if not is_awaited:
        headers["Preference-Applied"] = "respond-async"
    return session_response(session, gateway.expiry, status=201 if is_awaited else 202, headers=headers)


async def _shown_if_readable(gateway: Gateway, key: Key, error: errors.SessionExists) -> errors.MotteError:
    """Returns the error with the session that has the id, if the key may read it."""
    session = await gateway.store.sessions.get(error.session_id or "") if may(key, Scope.READ) else None
    return error if session is None else error.with_session(session)


async def list_sessions(request: web.Request) -> web.Response:
    """Returns a page of the sessions that the key may see; refreshes no code."""
    gateway = request.app[GATEWAY]
    wanted = parse_query(request.query, PageQuery)
    after = None if wanted.cursor is None else decode_cursor(wanted.cursor, tuple[CursorTime, str])
    found = await gateway.store.sessions.page(
        statuses=wanted.status or None, among=request[KEY].sessions, limit=wanted.limit + 1, after=after
    )
    page = found[: wanted.limit]
    is_last = len(found) == len(page)
    return json_response(
        SessionPage(
            items=[session_document(session, gateway.expiry) for session in page],
            next_cursor=None if is_last else encode_cursor((page[-1].created_at, page[-1].id)),
        )
    )


async def read_session(request: web.Request) -> web.StreamResponse:
    """Returns the session. If its code has expired, waits for a new one.

    With If-None-Match and `Prefer: wait=N`, waits until the session differs from what the caller has.
    The response then has `Preference-Applied`. Without that header, the request did not wait for a change.
    """
    gateway = request.app[GATEWAY]
    refreshes = parse_query(request.query, ReadQuery).refresh
    seen = frozenset(filter(is_version, held_etags(request.headers)))
    wait = Preferences.of(request.headers).wait
    session_id = requested_id(request)
    headers = {}
    if not refreshes:
        session = await gateway.store.sessions.require(session_id)
    elif seen and wait is not None:
        with waiting(request, wait):
            session = await while_connected(
                request,
                wait,
                lambda seconds: gateway.service.newer(session_id, than=seen, wait=seconds),
            )
        headers = applied_wait(wait)
    else:
        session = await gateway.service.fresh(session_id)
    shown = request.app[RENDERED].of(session)
    newest = shown.version
    unchanged = held(session, seen, gateway.expiry, newest=newest)
    if is_plain(request) and not headers:
        return request.app[READY].of(shown, request[REQUEST_ID])
    # A read without refresh reports that a code has expired; other reads wait for the next code.
    if unchanged is None or (not refreshes and unchanged != newest):
        return web.Response(body=shown.body, headers={**shown.headers, **headers})
    return web.Response(status=304, headers={"Cache-Control": "no-store", **etag(unchanged), **headers})


async def update_session(request: web.Request) -> web.Response:
    """Changes fields of the session: a JSON merge patch. An absent field stays, null resets it.

    A new `deviceName` applies to the next linking. A new `proxy` reopens the connection at once and needs a
    key with the scope `admin`. Both invalidate a code that is shown now, because its connection uses the old
    value; the next read returns a new code.
    """
    gateway = request.app[GATEWAY]
    fields = parse_body(await request.read(), SessionPatch).fields()
    if fields.proxy is not msgspec.UNSET:
        check_proxy_scope(request[KEY])
    session = await gateway.service.update(requested_id(request), fields)
    return session_response(session, gateway.expiry)


async def delete_session(request: web.Request) -> web.Response:
    """Logs the session out, stops it and deletes it with its messages."""
    await request.app[GATEWAY].service.delete(requested_id(request))
    return web.Response(status=204)


_CREATE = Operation(
    "Sessions",
    body=Body(NewSession, {"id": "shop", "name": "The shop"}),
    headers=(Header("Prefer", "`respond-async`: respond at once, before there is a code"),),
    responses={
        201: Response(
            "created, with a code to scan; `connected` if stored credentials opened it without one",
            json_body(SessionDocument, WAITING),
            headers={"Location": "the address of the session", **SESSION_ETAG},
        ),
        202: Response(
            "created; the code follows",
            json_body(SessionDocument, STARTING),
            headers={
                "Location": "the address of the session",
                "Preference-Applied": "`respond-async`",
                **SESSION_ETAG,
            },
        ),
    },
    errors=(
        *error_groups.BODY,
        errors.NoSuchSession,
        errors.SessionExists,
        errors.ConflictingState,
        *error_groups.NO_QR,
    ),
)
_LIST = Operation(
    "Sessions",
    query=PageQuery,
    responses={
        200: Response("a page", json_body(SessionPage, SessionPage(items=[WAITING], next_cursor=None)))
    },
    errors=(errors.ValidationFailed, errors.BadCursor),
)
_WAITED = {"Preference-Applied": "`wait=N`, if the request waited for a change"}
_READ = Operation(
    "Sessions",
    query=ReadQuery,
    headers=(
        Header("Prefer", "`wait=N`: with If-None-Match, wait up to N seconds (60 at most) for a change"),
        IF_NONE_MATCH,
    ),
    responses={
        200: session_shown(WAITING, headers=_WAITED),
        304: Response("nothing newer than what you have", headers={**SESSION_ETAG, **_WAITED}),
    },
    errors=(errors.ValidationFailed, errors.NoSuchSession, *error_groups.NO_QR),
)
_UPDATE = Operation(
    "Sessions",
    body=Body(SessionPatch, {"deviceName": "The shop's till"}),
    responses={200: session_shown(msgspec.structs.replace(CONNECTED, device_name="The shop's till"))},
    errors=(*error_groups.BODY, errors.NoSuchSession, errors.LeaderUnavailable),
)
_DELETE = Operation(
    "Sessions",
    responses={204: Response("deleted")},
    errors=(errors.NoSuchSession, *error_groups.CONNECTOR),
)

#: The route that is answered from memory if possible: see live_reads.py.
READ_ROUTE = Route("GET", "/sessions/{id}", read_session, scope=Scope.READ, operation=_READ)

ROUTES = (
    Route("POST", "/sessions", create_session, scope=Scope.WRITE, operation=_CREATE, filters_by_key=True),
    Route("GET", "/sessions", list_sessions, scope=Scope.READ, operation=_LIST, filters_by_key=True),
    READ_ROUTE,
    Route("PATCH", "/sessions/{id}", update_session, scope=Scope.WRITE, operation=_UPDATE),
    Route("DELETE", "/sessions/{id}", delete_session, scope=Scope.WRITE, operation=_DELETE),
)
