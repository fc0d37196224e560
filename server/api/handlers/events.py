"""What happens to sessions, as streams that callers follow."""

import asyncio
from contextlib import aclosing

from aiohttp import web

from server.api.keep_fresh import troubles
from server.api.schemas.responses import problem_document, session_document
from server.api.sse import HEARTBEAT_SECONDS, EventStream
from server.assembly import GATEWAY, KEY, Gateway
from server.observability.request_id import instance
from server.streams.feed import Kind
from server.streams.subscription import CaughtUp, FeedSubscription, Reset, Update
from store.records import Session

#: Beside the kinds of the feed.
RESET = "stream.reset"
PROBLEM = "session.problem"


async def stream_session(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/events: what happens to it. Who follows is a reader: its codes are kept fresh."""
    gateway = request.app[GATEWAY]
    session_id = request.match_info["id"]
    await gateway.store.sessions.require(session_id)
    return await _stream(request, only=session_id)


async def stream_all(request: web.Request) -> web.StreamResponse:
    """GET /events: what happens to every session that the key may see; wakes none of them."""
    return await _stream(request, only=None)


async def _stream(request: web.Request, *, only: str | None) -> web.StreamResponse:
    """Until the reader is gone or too slow, the one session deleted, the key revoked, the front stopped."""
    stream = await EventStream.open(request)
    if request.method == "HEAD":
        return stream.response
    works = [_tell(request, stream, only), _beat(request, stream)]
    if only is not None:
        works.append(_keep_fresh(request.app[GATEWAY], stream, only))
    return await stream.run(*works, session_id=only)


async def _tell(request: web.Request, stream: EventStream, only: str | None) -> None:
    """Return once the one session that was asked for is deleted."""
    gateway = request.app[GATEWAY]
    follow = FeedSubscription(gateway.feed, gateway.store.sessions, sees=request[KEY].may_see, only=only)
    async with aclosing(follow.go(request.headers.get("Last-Event-ID"))) as subscription:
        async for item in subscription:
            match item:
                case Reset() if only is None:
                    await stream.send(RESET, {})
                case CaughtUp():
                    await stream.mark(item.place)
                case Update(session=None):
                    await stream.send(Kind.DELETED, {"id": item.session_id}, place=item.place)
                    if only is not None:
                        return
                case Update(kind=Kind.QR, session=Session() as session) if (
                    gateway.expiry.live(session) is None
                ):
                    pass  # It died before this reader could be told.
                case Update(session=Session() as session):
                    document = session_document(session, gateway.expiry)
                    await stream.send(item.kind, document, place=item.place)


async def _beat(request: web.Request, stream: EventStream) -> None:
    """The key is looked up again each time: once it is revoked, its streams end."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        keys = request.app[GATEWAY].keys
        await keys.of_request(request.headers, address=request.remote or "unknown")
        await stream.beat()


async def _keep_fresh(gateway: Gateway, stream: EventStream, session_id: str) -> None:
    """Return once the session is deleted: others tell of that."""
    async with aclosing(troubles(gateway, session_id)) as errors:
        async for error in errors:
            document = problem_document(error, instance=instance(), expiry=gateway.expiry)
            await stream.send(PROBLEM, document)
    await asyncio.Event().wait()
