"""Links to be sent to whoever holds the phone, and the page behind them."""

import asyncio
import re
from contextlib import aclosing

from aiohttp import web

from server.api.keep_fresh import troubles
from server.api.responses import answer
from server.api.schemas.requests import scan_link_request
from server.api.schemas.responses import ScanLinkDocument
from server.api.sse import HEARTBEAT_SECONDS, EventStream
from server.assembly import GATEWAY, LINKED, Gateway
from server.auth.open_links import admitted, is_of
from server.auth.scan_links import ScanLink
from server.core.clock import iso
from server.core.errors import BadRequest, LinkExpired, LinkInvalid, LinkUsed, MotteError
from server.domain.scannable import check_scannable, code_of
from server.streams.subscription import FeedSubscription, Update
from server.web import qr_images as pictures
from server.web.scan_page import EXPIRED, GONE, UNKNOWN, USED, View, view_of, view_of_trouble
from server.web.templates import HEADERS, page, sandbox_mark
from store.records import Session

#: Seconds after which a page without JavaScript loads itself again, where its code lives for so long.
RELOAD = 10

#: A host and a port, as a header may name them.
HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")

#: What the page shows where its link is good for nothing.
_REFUSED: dict[type[MotteError], View] = {LinkInvalid: UNKNOWN, LinkExpired: GONE, LinkUsed: USED}


async def create_link(request: web.Request) -> web.Response:
    """POST /sessions/{id}/scan-link: an address that shows the session's codes, to be sent to somebody."""
    gateway = request.app[GATEWAY]
    wanted = scan_link_request(await request.read())
    session = await gateway.store.sessions.require(request.match_info["id"])
    check_scannable(session)
    expires_at = gateway.clock.wall() + round(wanted.expires_in * 1000)
    link = ScanLink(session.id, session.created_at, session.linked_at, expires_at)
    url = f"{gateway.settings.public_url or _origin(request)}/scan/{gateway.links.write(link)}"
    return answer(ScanLinkDocument(url=url, expires_at=iso(link.expires_at)), status=201)


async def show_page(request: web.Request) -> web.Response:
    """GET /scan/{token}: the page that shows the code, as the session stands; it never waits."""
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
        reload=str(min(max(round(view.seconds_left or RELOAD), 1), RELOAD)),
    )


async def show_picture(request: web.Request) -> web.Response:
    """GET /scan/{token}/qr.svg: the code, for pages without JavaScript; waits for a fresh one."""
    gateway = request.app[GATEWAY]
    _, session = await _admitted(request)
    try:
        with gateway.picture_limit.seat(session.id):
            session = await gateway.service.fresh(session.id)
        code = code_of(session, gateway.expiry)
    except MotteError as error:
        raise error.without_session() from error  # A link shows codes, and nothing else of its session.
    return web.Response(text=pictures.svg(code.payload), content_type="image/svg+xml", headers=HEADERS)


async def stream_page(request: web.Request) -> web.StreamResponse:
    """GET /scan/{token}/events: what the page shows, each time it changes; who follows it is a reader."""
    gateway = request.app[GATEWAY]
    link, _ = await _admitted(request)
    with gateway.concurrency_limit.seat(link.session_id):
        stream = await EventStream.open(request, headers=HEADERS)
        if request.method == "HEAD":
            return stream.response
        return await stream.run(
            _tell(gateway, stream, link),
            _tell_troubles(gateway, stream, link),
            _expire(gateway, stream, link),
            _beat(stream),
            session_id=link.session_id,
        )


async def _admitted(request: web.Request) -> tuple[ScanLink, Session]:
    """What the link of a request says, and its session. Raises LinkInvalid, LinkExpired, LinkUsed."""
    gateway = request.app[GATEWAY]
    link = gateway.links.read(request.match_info["token"])
    request[LINKED] = link.session_id
    return link, await admitted(link, gateway.store.sessions, gateway.clock)


async def _tell(gateway: Gateway, stream: EventStream, link: ScanLink) -> None:
    """Return once there is nothing more to tell."""
    follow = FeedSubscription(gateway.feed, gateway.store.sessions, sees=lambda _: True, only=link.session_id)
    async with aclosing(follow.go(None)) as subscription:
        async for item in subscription:
            if not isinstance(item, Update):
                continue
            view = GONE
            if item.session is not None and is_of(link, item.session):
                view = view_of(item.session, gateway.expiry, gateway.clock)
            await stream.send("view", view)
            if view.is_last:
                return


async def _tell_troubles(gateway: Gateway, stream: EventStream, link: ScanLink) -> None:
    """For as long as the session exists, and then until others have told of its end."""
    async with aclosing(troubles(gateway, link.session_id)) as errors:
        async for error in errors:
            await stream.send("view", view_of_trouble(error))
    await asyncio.Event().wait()


async def _expire(gateway: Gateway, stream: EventStream, link: ScanLink) -> None:
    await asyncio.sleep(max(link.expires_at - gateway.clock.wall(), 0) / 1000)
    await stream.send("view", EXPIRED)


async def _beat(stream: EventStream) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await stream.beat()


def _html(file: str, *, view: View, status: int = 200, **values: str) -> web.Response:
    return web.Response(
        body=page(file, state=view.state, headline=view.title, text=view.text, **values),
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers=HEADERS,
    )


def _origin(request: web.Request) -> str:
    """Where the request came. Raises BadRequest: what it says of that goes into an address."""
    if HOST.fullmatch(request.host) is None:
        raise BadRequest("the header Host is not a host with a port")
    return f"{request.scheme}://{request.host}"
