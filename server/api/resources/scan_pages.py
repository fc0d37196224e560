"""The page behind a scan link: it shows the session's code to the person who has the phone."""

import asyncio
from contextlib import aclosing

from aiohttp import web

from server.api.keep_fresh import problems
from server.api.openapi import error_groups
from server.api.openapi.content import SVG, event_stream, html_body
from server.api.openapi.operation import Operation, PathParameter, Response
from server.api.route import Route
from server.api.sse_response import HEARTBEAT_SECONDS, EventStream
from server.assembly import GATEWAY, LINKED, Gateway
from server.auth.scan_links import ScanLink
from server.core import errors
from server.core.errors import LinkExpired, LinkInvalid, LinkUsed, MotteError
from server.domain.scannable import code_of
from server.streams.subscription import FeedSubscription, Update
from server.web import qr_images
from server.web.scan_page import EXPIRED, GONE, SCANNED, STOPPED, UNKNOWN, USED, View, view_of, view_of_error
from server.web.templates import HEADERS, page, sandbox_mark
from store.records import Session

#: Seconds until a page without JavaScript reloads, unless its code expires earlier.
RELOAD_SECONDS = 10

#: The event that shows the page that its connection works. A script does not see comments.
HEARTBEAT = "heartbeat"

#: What the page shows if its link is not valid.
_REFUSED: dict[type[MotteError], View] = {LinkInvalid: UNKNOWN, LinkExpired: GONE, LinkUsed: USED}


async def show_page(request: web.Request) -> web.Response:
    """Returns the page that shows the session's code. Never waits."""
    gateway = request.app[GATEWAY]
    try:
        _, session = await _admitted(request)
    except (LinkInvalid, LinkExpired, LinkUsed) as error:
        return _html("refused.html", status=error.status, view=_REFUSED[type(error)])
    view = view_of(session, gateway.expiry, gateway.clock)
    return _html(
        "scan.html",
        view=view,
        token=request.match_info["token"],
        sandbox=sandbox_mark(gateway.settings.sandbox),
        heading=f"Link WhatsApp to {session.name}" if session.name else "Link WhatsApp",
        reload=str(min(max(round(view.seconds_left or RELOAD_SECONDS), 1), RELOAD_SECONDS)),
    )


async def show_picture(request: web.Request) -> web.Response:
    """Returns the code as a picture, for pages without JavaScript. Waits for a code if needed."""
    gateway = request.app[GATEWAY]
    _, session = await _admitted(request)
    try:
        with gateway.picture_limit.slot(session.id):
            session = await gateway.service.fresh(session.id)
        code = code_of(session, gateway.expiry)
    except MotteError as error:
        raise error.without_session() from error  # A link shows only codes of its session.
    return web.Response(text=qr_images.svg(code.payload), content_type="image/svg+xml", headers=HEADERS)


async def stream_page(request: web.Request) -> web.StreamResponse:
    """Streams what the page shows, each time it changes. While a client follows, codes are refreshed."""
    gateway = request.app[GATEWAY]
    link, _ = await _admitted(request)
    with gateway.concurrency_limit.slot(link.session_id):
        stream = await EventStream.open(request, headers=HEADERS)
        if request.method == "HEAD":
            return stream.response
        return await stream.run(
            _send_views(gateway, stream, link),
            _send_problems(gateway, stream, link),
            _expire(gateway, stream, link),
            _send_heartbeats(stream),
            at_stop=("view", STOPPED),
            session_id=link.session_id,
        )


async def _admitted(request: web.Request) -> tuple[ScanLink, Session]:
    """Returns the request's link and its session. Raises LinkInvalid, LinkExpired, LinkUsed."""
    gateway = request.app[GATEWAY]
    link = gateway.links.read(request.match_info["token"])
    request[LINKED] = link.session_id
    return link, await link.session(gateway.store.sessions, gateway.clock)


async def _send_views(gateway: Gateway, stream: EventStream, link: ScanLink) -> None:
    """Returns after the last view."""
    subscription = FeedSubscription(
        gateway.feed, gateway.store.sessions, sees=lambda _: True, only=link.session_id
    )
    async with aclosing(subscription.items(None)) as items:
        async for item in items:
            if not isinstance(item, Update):
                continue
            view = GONE
            if item.session is not None and link.is_for(item.session):
                view = view_of(item.session, gateway.expiry, gateway.clock)
            await stream.send("view", view)
            if view.is_last:
                return


async def _send_problems(gateway: Gateway, stream: EventStream, link: ScanLink) -> None:
    """Sends why there is no code, while the session exists. Never returns: `_send_views` ends the stream."""
    async with aclosing(problems(gateway, link.session_id)) as found:
        async for error in found:
            await stream.send("view", view_of_error(error))
    await asyncio.Event().wait()


async def _expire(gateway: Gateway, stream: EventStream, link: ScanLink) -> None:
    """Returns when the link has expired."""
    await asyncio.sleep(max(link.expires_at - gateway.clock.wall(), 0) / 1000)
    await stream.send("view", EXPIRED)


async def _send_heartbeats(stream: EventStream) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await stream.send(HEARTBEAT, {})


def _html(file: str, *, view: View, status: int = 200, **values: str) -> web.Response:
    return web.Response(
        body=page(file, state=view.state, headline=view.title, text=view.text, **values),
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers=HEADERS,
    )


_TOKEN = {"token": PathParameter("the end of a scan link", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"})}

_PAGE = Operation(
    "Pages",
    path=_TOKEN,
    responses={
        200: Response("the page", html_body("Link WhatsApp to The shop")),
        403: Response("a page that says that this is not a link", html_body(UNKNOWN.title)),
        410: Response("a page that says why the link is no longer valid", html_body(GONE.title)),
    },
    errors=(errors.StoreOutOfOrder,),
)
_PICTURE = Operation(
    "Pages",
    path=_TOKEN,
    responses={200: Response("the code", SVG)},
    errors=(
        *error_groups.SCAN_LINK,
        errors.NoSuchSession,
        errors.AlreadyConnected,
        errors.ConflictingState,
        *error_groups.NO_QR,
    ),
)
_STREAM = Operation(
    "Pages",
    path=_TOKEN,
    responses={200: Response("what the page shows, each time it changes", event_stream(("view", SCANNED)))},
    errors=error_groups.SCAN_LINK,
)

ROUTES = (
    Route("GET", "/scan/{token}", show_page, scope=None, operation=_PAGE),
    Route("GET", "/scan/{token}/qr.svg", show_picture, scope=None, operation=_PICTURE),
    Route("GET", "/scan/{token}/events", stream_page, scope=None, operation=_STREAM),
)
