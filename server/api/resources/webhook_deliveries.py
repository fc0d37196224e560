"""Deliveries of a webhook: their log, a test, and replays."""

from enum import StrEnum
from typing import Annotated

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from server.api.openapi import error_groups
from server.api.openapi.content import json_body
from server.api.openapi.examples import NOW
from server.api.openapi.operation import Body, Operation, Response
from server.api.resources.webhooks import WEBHOOK
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.cursors import PAGE_LIMIT, check_event_cursor
from server.api.schemas.parsing import parse_body, parse_query
from server.api.schemas.webhook import ReplayRequest
from server.assembly import GATEWAY, KEY
from server.auth.api_keys import Scope
from server.core import errors
from server.core.clock import iso
from server.documents.document import Document, Timestamp
from store.ports.events import EventLog
from store.records.events import Event
from store.records.webhooks import Lane, ListedDeadLetter, Try, Webhook


class DeliveryState(StrEnum):
    """What became of a try, or of an event."""

    DELIVERED = "delivered"
    FAILED = "failed"
    DEAD = "dead"  # the event was given up
    WAITING = "waiting"  # its tries failed so far, and another one follows


class DeliveryQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /webhooks/{webhook}/deliveries."""

    #: If absent, the last tries, however they ended. None would allow `?state=null`.
    state: DeliveryState | msgspec.UnsetType = msgspec.UNSET
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50
    #: The `nextCursor` of an earlier page of dead events.
    after: str | None = None


class DeliveryDocument(Document, frozen=True):
    """One try to deliver an event, a dead event, or one that waits for its next try."""

    event_id: str
    type: str
    session_id: Annotated[str | None, msgspec.Meta(description="null for a test")]
    state: DeliveryState
    attempt: Annotated[
        int, msgspec.Meta(description="which try; of a dead or waiting event, how many there were")
    ]
    status: Annotated[int | None, msgspec.Meta(description="what the webhook answered; null if nothing came")]
    error: Annotated[str | None, msgspec.Meta(description="why the last try failed")]
    duration_ms: Annotated[int | None, msgspec.Meta(description="how long the try took")]
    at: Annotated[
        Timestamp,
        msgspec.Meta(
            description="of the try; of a dead event, when it was given up; of a waiting one, of the next try"
        ),
    ]


class DeliveryPage(Document, frozen=True):
    """Tries, the newest first; dead events, the oldest first; or waiting events, the next one first."""

    items: list[DeliveryDocument]
    next_cursor: Annotated[
        str | None, msgspec.Meta(description="for `?after=`, if there may be more dead events; else null")
    ]


class TestDocument(Document, frozen=True):
    """How a test delivery went."""

    delivered: bool
    status: Annotated[int | None, msgspec.Meta(description="what the webhook answered; null if nothing came")]
    error: str | None
    duration_ms: int


class ReplayDocument(Document, frozen=True):
    """What is delivered again."""

    dead: Annotated[int | None, msgspec.Meta(description="dead events that are tried; else null")]


async def list_deliveries(request: web.Request) -> web.Response:
    """Returns the last tries of the webhook, the newest first; with `?state=dead` the events that it lost.

    With `?state=waiting`, returns the events that failed and are tried again: one for each session.
    Nothing of a session that the webhook does not name any longer is in it, and no code of a session.
    """
    gateway = request.app[GATEWAY]
    wanted = parse_query(request.query, DeliveryQuery)
    if wanted.after is not None:
        check_event_cursor(wanted.after)
    webhook = await gateway.webhooks.get(request[KEY], request.match_info["webhook"])
    store = gateway.store.webhooks
    if wanted.state is DeliveryState.WAITING:
        # A webhook may have had other sessions once, which its keys need not see.
        lanes = [lane for lane in await store.waiting(webhook.id) if webhook.wants(lane.session_id)]
        found = [await _of_lane(gateway.store.events, webhook, lane) for lane in lanes[: wanted.limit]]
        return json_response(DeliveryPage(items=[one for one in found if one is not None], next_cursor=None))
    if wanted.state is not DeliveryState.DEAD:
        failed = None if wanted.state is msgspec.UNSET else wanted.state is DeliveryState.FAILED
        tries = await store.tries(webhook.id, limit=wanted.limit, failed=failed)
        return json_response(DeliveryPage(items=[_of_try(one) for one in tries], next_cursor=None))
    after = 0
    if wanted.after is not None:
        number = await gateway.store.events.number(wanted.after)
        if number is None:
            raise errors.CursorExpired
        after = number
    letters = await store.dead(webhook.id, after=after, limit=wanted.limit)
    is_last = len(letters) < wanted.limit
    return json_response(
        DeliveryPage(
            items=[_of_letter(letter) for letter in letters],
            next_cursor=None if is_last else letters[-1].cursor,
        )
    )


async def test_webhook(request: web.Request) -> web.Response:
    """Sends the webhook one event of the type `webhook.test`, and returns how that went."""
    webhooks = request.app[GATEWAY].webhooks
    attempt = await webhooks.test(request[KEY], request.match_info["webhook"])
    return json_response(
        TestDocument(
            delivered=attempt.is_delivered,
            status=attempt.status,
            error=attempt.error,
            duration_ms=round(attempt.seconds * 1000),
        )
    )


async def replay_webhook(request: web.Request) -> web.Response:
    """Delivers events again, with the same ids and bytes: after a cursor, since a moment, or dead ones."""
    webhooks = request.app[GATEWAY].webhooks
    wanted = parse_body(await request.read(), ReplayRequest, is_required=True)
    wanted.check()
    webhook_id = request.match_info["webhook"]
    moment = wanted.moment()
    if isinstance(wanted.after, str):
        check_event_cursor(wanted.after)
        await webhooks.replay_after(request[KEY], webhook_id, wanted.after)
        return json_response(ReplayDocument(dead=None), status=202)
    if moment is not None:
        await webhooks.replay_since(request[KEY], webhook_id, moment)
        return json_response(ReplayDocument(dead=None), status=202)
    dead = await webhooks.replay_dead(request[KEY], webhook_id)
    return json_response(ReplayDocument(dead=dead), status=202)


def _of_try(one: Try) -> DeliveryDocument:
    return DeliveryDocument(
        event_id=one.event_id,
        type=one.type,
        session_id=one.session_id,
        state=DeliveryState.DELIVERED if one.error is None else DeliveryState.FAILED,
        attempt=one.ordinal,
        status=one.status,
        error=one.error,
        duration_ms=one.took,
        at=iso(one.at),
    )


def _of_letter(letter: ListedDeadLetter) -> DeliveryDocument:
    return _without_an_answer(
        letter.event_id, letter, DeliveryState.DEAD, tries=letter.tries, error=letter.error, at=letter.at
    )


async def _of_lane(events: EventLog, webhook: Webhook, lane: Lane) -> DeliveryDocument | None:
    """Returns the event that the lane tries next; None if the log has forgotten it."""
    page = await events.page(
        lane.done,
        limit=1,
        sessions=[lane.session_id],
        types=webhook.types,
        known_from=webhook.begins_with(lane.session_id),
    )
    if not page.events:
        return None
    [event] = page.events
    return _without_an_answer(
        event.id, event, DeliveryState.WAITING, tries=lane.tries, error=lane.error, at=lane.next_at
    )


def _without_an_answer(
    event_id: str,
    event: Event | ListedDeadLetter,
    state: DeliveryState,
    *,
    tries: int,
    error: str | None,
    at: int,
) -> DeliveryDocument:
    """Returns an event that is dead, or waits for its next try. at: milliseconds since 1970."""
    return DeliveryDocument(
        event_id=event_id,
        type=event.type,
        session_id=event.session_id,
        state=state,
        attempt=tries,
        status=None,
        error=error,
        duration_ms=None,
        at=iso(at),
    )


_EXAMPLE = DeliveryDocument(
    event_id="evt_2mRkV0x1c7Tn",
    type="message.received",
    session_id="shop",
    state=DeliveryState.FAILED,
    attempt=2,
    status=503,
    error="HTTP 503",
    duration_ms=41,
    at=NOW,
)
_LIST = Operation(
    "Webhooks",
    path=WEBHOOK,
    query=DeliveryQuery,
    responses={
        200: Response("the tries", json_body(DeliveryPage, DeliveryPage(items=[_EXAMPLE], next_cursor=None)))
    },
    errors=(errors.ValidationFailed, errors.BadCursor, errors.NoSuchWebhook, errors.CursorExpired),
)
_TEST = Operation(
    "Webhooks",
    path=WEBHOOK,
    responses={
        200: Response(
            "how it went",
            json_body(TestDocument, TestDocument(delivered=True, status=204, error=None, duration_ms=38)),
        )
    },
    errors=(errors.NoSuchWebhook,),
)
_REPLAY = Operation(
    "Webhooks",
    path=WEBHOOK,
    body=Body(ReplayRequest, {"dead": True}, is_required=True),
    responses={202: Response("it follows", json_body(ReplayDocument, ReplayDocument(dead=3)))},
    errors=(*error_groups.BODY, errors.BadCursor, errors.NoSuchWebhook, errors.CursorExpired),
)


def _route(method: str, path: str, handler: Handler, operation: Operation) -> Route:
    """Each handler keeps to the sessions of the key: Webhooks does."""
    return Route(method, path, handler, scope=Scope.WEBHOOKS, operation=operation, filters_by_key=True)


ROUTES = (
    _route("GET", "/webhooks/{webhook}/deliveries", list_deliveries, _LIST),
    _route("POST", "/webhooks/{webhook}/test", test_webhook, _TEST),
    _route("POST", "/webhooks/{webhook}/replay", replay_webhook, _REPLAY),
)
