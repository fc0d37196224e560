"""Events of sessions as streams of server-sent events."""

import asyncio
from contextlib import aclosing

from aiohttp import web

from server.api.keep_fresh import problems
from server.api.openapi.content import event_stream
from server.api.openapi.examples import LAST_EVENT_ID as EVENT_ID
from server.api.openapi.examples import WAITING
from server.api.openapi.operation import Operation, Response
from server.api.openapi.parameters import LAST_EVENT_ID
from server.api.route import Route
from server.api.schemas.problem import problem_document
from server.api.session_id import requested_id
from server.api.sse_response import HEARTBEAT_SECONDS, EventStream
from server.assembly import GATEWAY, KEY, Gateway
from server.auth.api_keys import Scope
from server.core import caller, errors
from server.documents.session import session_document
from server.observability.request_id import instance
from server.streams.event_buffer import Kind
from server.streams.subscription import CaughtUp, FeedSubscription, Reset, Update
from store.records import Session

#: Names of events in addition to the kinds of the feed.
RESET = "stream.reset"
PROBLEM = "session.problem"
#: The last event if Motte stops in an orderly way.
STOPPED = "stream.stopped"


async def stream_session(request: web.Request) -> web.StreamResponse:
    """Streams the events of one session. While a client follows, its codes are refreshed."""
    gateway = request.app[GATEWAY]
    session_id = requested_id(request)
    await gateway.store.sessions.require(session_id)
    return await _stream(request, only=session_id)


async def stream_all(request: web.Request) -> web.StreamResponse:
    """Streams the events of every session that the key may see. Starts none of them."""
    return await _stream(request, only=None)


async def _stream(request: web.Request, *, only: str | None) -> web.StreamResponse:
    """Ends if the client is gone or too slow, its session deleted, its key revoked, or the front stopped."""
    with request.app[GATEWAY].stream_limit.slot(caller.current()):
        stream = await EventStream.open(request)
        if request.method == "HEAD":
            return stream.response
        works = [_send_events(request, stream, only), _send_heartbeats(request, stream)]
        if only is not None:
            works.append(_send_problems(request.app[GATEWAY], stream, only))
        return await stream.run(*works, at_stop=(STOPPED, {}), session_id=only)


async def _send_events(request: web.Request, stream: EventStream, only: str | None) -> None:
    """Returns after the one requested session was deleted."""
    gateway = request.app[GATEWAY]
    subscription = FeedSubscription(
        gateway.feed, gateway.store.sessions, sees=request[KEY].may_see, only=only
    )
    async with aclosing(subscription.items(request.headers.get("Last-Event-ID"))) as items:
        async for item in items:
            match item:
                case Reset() if only is None:
                    await stream.send(RESET, {})
                case CaughtUp():
                    await stream.send_id(item.event_id)
                case Update(session=None):
                    await stream.send(Kind.DELETED, {"id": item.session_id}, event_id=item.event_id)
                    if only is not None:
                        return
                case Update(kind=Kind.QR, session=Session() as session) if (
                    gateway.expiry.live(session) is None
                ):
                    pass  # It expired before this client could receive it.
                case Update(session=Session() as session):
                    document = session_document(session, gateway.expiry)
                    await stream.send(item.kind, document, event_id=item.event_id)


async def _send_heartbeats(request: web.Request, stream: EventStream) -> None:
    """Looks the key up each time: the streams of a revoked key end."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        keys = request.app[GATEWAY].keys
        await keys.of_request(request.headers, address=request.remote or "unknown")
        await stream.send_heartbeat()


async def _send_problems(gateway: Gateway, stream: EventStream, session_id: str) -> None:
    """Sends why there is no code, while the session exists. Never returns: `_send_events` ends the stream."""
    async with aclosing(problems(gateway, session_id)) as found:
        async for error in found:
            document = problem_document(
                error, instance=instance(), expiry=gateway.expiry, public_url=gateway.settings.public_url
            )
            await stream.send(PROBLEM, document)
    await asyncio.Event().wait()


_STATUS = ("session.status", WAITING)

_STREAM_SESSION = Operation(
    "Events",
    headers=(LAST_EVENT_ID,),
    responses={
        200: Response(
            "events, until the session is deleted",
            event_stream(_STATUS, (STOPPED, {}), last_event_id=EVENT_ID),
        )
    },
    errors=(errors.NoSuchSession,),
)
_STREAM_ALL = Operation(
    "Events",
    headers=(LAST_EVENT_ID,),
    responses={
        200: Response(
            "events, until the client disconnects",
            event_stream((RESET, {}), _STATUS, (STOPPED, {}), last_event_id=EVENT_ID),
        )
    },
)

ROUTES = (
    Route("GET", "/sessions/{id}/events", stream_session, scope=Scope.READ, operation=_STREAM_SESSION),
    Route("GET", "/events", stream_all, scope=Scope.READ, operation=_STREAM_ALL, filters_by_key=True),
)
