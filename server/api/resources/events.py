"""Events: pages of the event log, and streams of server-sent events."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from aiohttp import web

from server.api.client_loss import while_connected
from server.api.content_negotiation import preferred
from server.api.event_sending import EventSender
from server.api.openapi.content import event_stream, json_body
from server.api.openapi.examples import (
    CURSOR,
    EVENT,
    QR_EVENT,
    RESET_EVENT,
    STATUS_EVENT,
    STOPPED_EVENT,
)
from server.api.openapi.operation import JSON, SSE, Operation, Response
from server.api.openapi.parameters import LAST_EVENT_ID, PREFER_WAIT
from server.api.prefer_header import Preferences, applied_wait
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.cursors import PAGE_LIMIT, check_event_cursor
from server.api.schemas.parsing import parse_query
from server.api.session_id import requested_id
from server.api.waiting import waiting
from server.assembly import GATEWAY, KEY
from server.auth.api_keys import Scope, known_from
from server.core import errors
from server.documents.document import Document
from server.documents.event import EventDocument
from server.events.envelope import envelope
from server.events.types import PASSING, EventType
from server.streams.log_pages import LogPages


class EventQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /events and GET /sessions/{id}/events."""

    #: A cursor: the events after it. None: from the oldest event on; a stream begins with the present state.
    after: str | None = None
    #: Of a page of JSON.
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50
    types: Annotated[
        list[EventType],
        msgspec.Meta(
            description="any of these; none: every type. Repeat it, or use commas. Pages take only types of "
            "the log: none of session.qr, session.problem, typing, stream.reset and stream.stopped"
        ),
    ] = []


class EventPageDocument(Document, frozen=True):
    """A page of events, the oldest first."""

    items: list[EventDocument]
    next_cursor: Annotated[
        str, msgspec.Meta(description="for `?after=`: always present; it returns only events that came later")
    ]


async def read_session_events(request: web.Request) -> web.StreamResponse:
    """Returns the events of one session, or streams them. A stream keeps the codes of the session fresh."""
    session_id = requested_id(request)
    await request.app[GATEWAY].store.sessions.require(session_id)
    return await _answer(request, only=session_id)


async def read_events(request: web.Request) -> web.StreamResponse:
    """Returns the events of every session that the key may see, or streams them. Starts no session."""
    return await _answer(request, only=None)


async def _answer(request: web.Request, *, only: str | None) -> web.StreamResponse:
    """Chooses by `Accept` between a page and a stream."""
    wanted = parse_query(request.query, EventQuery)
    if wanted.after is not None:
        check_event_cursor(wanted.after)
    if preferred(request.headers.getall("Accept", ()), [SSE, JSON]) == JSON:
        _refuse_passing(wanted.types)
        return await _page(request, wanted, only)
    number = await _place(request, wanted.after, only)
    return await EventSender(request, only=only, number=number, types=wanted.types or None).run()


def _refuse_passing(types: Iterable[EventType]) -> None:
    """A page would have none of these, and a wait for one would be in vain. Raises ValidationFailed."""
    passing = next((kind for kind in types if kind in PASSING), None)
    if passing is not None:
        raise errors.ValidationFailed(
            f"has {passing}, which is in no log: pages have only events of the log, so read the stream "
            "(`Accept: text/event-stream`)",
            pointer="?types",
        )


async def _page(request: web.Request, wanted: EventQuery, only: str | None) -> web.Response:
    gateway = request.app[GATEWAY]
    pages = LogPages(
        gateway.store.events,
        gateway.tail,
        sessions=_sessions(request, only),
        types=wanted.types or None,
        limit=wanted.limit,
        known_from=known_from(request[KEY]),
    )
    wait = Preferences.of(request.headers).wait
    oldest = 0 if only is None else await gateway.store.events.begins_after(only)
    with waiting(request, wait):
        page = await while_connected(
            request, wait or 0, lambda seconds: pages.after(wanted.after, wait=seconds, oldest=oldest)
        )
    document: dict[str, Any] = {
        "items": [msgspec.Raw(envelope(event)) for event in page.events],
        "nextCursor": await gateway.store.events.cursor(page.reached),
    }
    return json_response(document, headers=applied_wait(wait) if wait is not None else None)


async def _place(request: web.Request, after: str | None, only: str | None) -> int | None:
    """Returns the number of the last event that the client of a stream has; None: it begins again.

    A browser that reconnects sends only Last-Event-ID, and could do nothing with an error.
    Raises CursorExpired.
    """
    log = request.app[GATEWAY].store.events
    last = request.headers.get("Last-Event-ID")
    cursor = after if last is None else last
    number = None if cursor is None else await log.number(cursor)
    if number is not None and number >= await log.whole_after(_sessions(request, only)):
        return number
    if last is None and after is not None:
        raise errors.CursorExpired
    return None


def _sessions(request: web.Request, only: str | None) -> list[str] | None:
    """Returns the sessions whose events count; None: all."""
    if only is not None:
        return [only]
    bound = request[KEY].sessions
    return None if bound is None else list(bound)


_PAGE_EXAMPLE = EventPageDocument(items=[EVENT], next_cursor=CURSOR)

_ERRORS = (errors.ValidationFailed, errors.BadCursor, errors.CursorExpired)


def _operation(*events: EventDocument, further: tuple[type[errors.MotteError], ...] = ()) -> Operation:
    """events: at the beginning of a stream."""
    return Operation(
        "Events",
        query=EventQuery,
        headers=(LAST_EVENT_ID, PREFER_WAIT),
        responses={
            200: Response(
                "with `Accept: application/json` a page; else a stream, as long as the client reads it",
                {
                    **json_body(EventPageDocument, _PAGE_EXAMPLE),
                    **event_stream(*((event.type, event) for event in events), cursor=CURSOR),
                },
                headers={"Preference-Applied": "`wait=N`, of a page that was ready to wait"},
            )
        },
        errors=(*_ERRORS, *further),
    )


ROUTES = (
    Route(
        "GET",
        "/sessions/{id}/events",
        read_session_events,
        scope=Scope.READ_MESSAGES,
        operation=_operation(STATUS_EVENT, QR_EVENT, STOPPED_EVENT, further=(errors.NoSuchSession,)),
    ),
    Route(
        "GET",
        "/events",
        read_events,
        scope=Scope.READ_MESSAGES,
        operation=_operation(RESET_EVENT, STATUS_EVENT, QR_EVENT, STOPPED_EVENT),
        filters_by_key=True,
    ),
)
