"""The page behind a scan link: it shows the session's code to the person who has the phone."""

import asyncio
from contextlib import aclosing
from typing import Annotated

import msgspec
from aiohttp import web

from server.api.content_negotiation import preferred_language
from server.api.keep_fresh import problems
from server.api.openapi import error_groups
from server.api.openapi.content import SVG, event_stream, html_body, json_body
from server.api.openapi.operation import Body, Operation, PathParameter, Response
from server.api.resources.pairing_codes import PairingRequest, requested_number
from server.api.responses import json_response
from server.api.route import Route
from server.api.sse_response import HEARTBEAT_SECONDS, EventStream
from server.assembly import GATEWAY, LINKED, Gateway
from server.auth.scan_links import ScanLink
from server.core import caller, errors
from server.core.errors import LinkExpired, LinkInvalid, LinkUsed, MotteError, NoSuchSession
from server.documents.document import Document
from server.domain.scannable import code_of
from server.streams.subscription import FeedSubscription, Update
from server.web import qr_images
from server.web.languages import LANGUAGES
from server.web.scan_page import Views, is_phone, refused_html, scan_html, views_in
from server.web.templates import HEADERS, sandbox_mark
from store.records.sessions import Session

#: Seconds until a page without JavaScript reloads, unless its code expires earlier.
RELOAD_SECONDS = 10

#: The event that shows the page that its connection works. A script does not see comments.
HEARTBEAT = "heartbeat"


class LinkPairingCodeDocument(Document, frozen=True):
    """A code to type on the phone."""

    code: Annotated[str, msgspec.Meta(min_length=8, max_length=8)]
    seconds_left: Annotated[
        float, msgspec.Meta(description="how long the code is valid; the clock of a phone may be wrong")
    ]


async def show_page(request: web.Request) -> web.Response:
    """Returns the page that shows the session's code, in the language of the browser. Never waits."""
    gateway, language = request.app[GATEWAY], _language(request)
    views = views_in(language)
    try:
        _, session = await _admitted(request)
    except (LinkInvalid, LinkExpired, LinkUsed) as error:
        refused = {LinkInvalid: views.unknown, LinkExpired: views.gone, LinkUsed: views.used}[type(error)]
        return _html(refused_html(refused, language=language), language, status=error.status)
    view = views.of(session, gateway.expiry, gateway.clock)
    body = scan_html(
        view,
        language=language,
        token=request.match_info["token"],
        name=session.name,
        is_phone=is_phone(request.headers),
        sandbox=sandbox_mark(gateway.settings.sandbox),
        reload=str(min(max(round(view.seconds_left or RELOAD_SECONDS), 1), RELOAD_SECONDS)),
    )
    return _html(body, language)


async def issue_linked_code(request: web.Request) -> web.Response:
    """Returns eight characters to type on the phone, as `POST /sessions/{id}/pairing-code` does."""
    gateway = request.app[GATEWAY]
    link, session = await _admitted(request)
    number = await requested_number(request)
    gateway.pairing_limiter.count(link.session_id, gateway.clock.boot())
    try:
        code = await gateway.service.pairing_code(session.id, number)
    except NoSuchSession:  # Its detail names the session.
        raise LinkExpired from None
    except MotteError as error:
        raise error.without_session() from error  # A link shows only codes of its session.
    seconds_left = round(max(code.expires_at - gateway.clock.boot(), 0.0), 3)
    document = LinkPairingCodeDocument(code=code.code, seconds_left=seconds_left)
    return json_response(document, headers=HEADERS)


async def show_picture(request: web.Request) -> web.Response:
    """Returns the code as a picture, for pages without JavaScript. Waits for a code if needed."""
    gateway = request.app[GATEWAY]
    _, session = await _admitted(request)
    try:
        with gateway.picture_limit.slot(session.id):
            session = await gateway.service.fresh(session.id)
        code = code_of(session, gateway.expiry)
    except NoSuchSession:  # Its detail names the session.
        raise LinkExpired from None
    except MotteError as error:
        raise error.without_session() from error  # A link shows only codes of its session.
    return web.Response(text=qr_images.svg(code.payload), content_type="image/svg+xml", headers=HEADERS)


async def stream_page(request: web.Request) -> web.StreamResponse:
    """Streams what the page shows, each time it changes. While a client follows, codes are refreshed."""
    gateway = request.app[GATEWAY]
    link, _ = await _admitted(request)
    views = views_in(_language(request))
    with gateway.stream_limit.slot(caller.current()), gateway.concurrency_limit.slot(link.session_id):
        stream = await EventStream.open(request, headers=HEADERS)
        if request.method == "HEAD":
            return stream.response
        return await stream.run(
            _send_views(gateway, stream, link, views),
            _send_problems(gateway, stream, link, views),
            _expire(gateway, stream, link, views),
            _send_heartbeats(stream),
            at_stop=lambda: ("view", msgspec.json.encode(views.stopped)),
            session_id=link.session_id,
        )


async def _admitted(request: web.Request) -> tuple[ScanLink, Session]:
    """Returns the request's link and its session. Raises LinkInvalid, LinkExpired, LinkUsed."""
    gateway = request.app[GATEWAY]
    caller.set_current(caller.SCAN_LINKS)
    link = gateway.links.read(request.match_info["token"])
    request[LINKED] = link.session_id
    return link, await link.session(gateway.store.sessions, gateway.clock)


async def _send_views(gateway: Gateway, stream: EventStream, link: ScanLink, views: Views) -> None:
    """Returns after the last view."""
    subscription = FeedSubscription(
        gateway.feed, gateway.store.sessions, sees=lambda _: True, only=link.session_id
    )
    async with aclosing(subscription.items(None)) as items:
        async for item in items:
            if not isinstance(item, Update):
                continue
            view = views.gone
            if item.session is not None and link.is_for(item.session):
                view = views.of(item.session, gateway.expiry, gateway.clock)
            await stream.send("view", view)
            if view.is_last:
                return


async def _send_problems(gateway: Gateway, stream: EventStream, link: ScanLink, views: Views) -> None:
    """Sends why there is no code, while the session exists. Never returns: `_send_views` ends the stream."""
    async with aclosing(problems(gateway, link.session_id)) as found:
        async for error in found:
            await stream.send("view", views.of_error(error))
    await asyncio.Event().wait()


async def _expire(gateway: Gateway, stream: EventStream, link: ScanLink, views: Views) -> None:
    """Returns when the link has expired."""
    await asyncio.sleep(max(link.left(gateway.clock), 0.0))
    await stream.send("view", views.expired)


async def _send_heartbeats(stream: EventStream) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await stream.send(HEARTBEAT, {})


def _language(request: web.Request) -> str:
    return preferred_language(request.headers.getall("Accept-Language", ()), LANGUAGES)


def _html(body: bytes, language: str, *, status: int = 200) -> web.Response:
    headers = {**HEADERS, "Content-Language": language, "Vary": "Accept-Language, User-Agent"}
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=headers)


_ENGLISH = views_in("en")
_TOKEN = {"token": PathParameter("the end of a scan link", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"})}

_PAGE = Operation(
    "Pages",
    path=_TOKEN,
    responses={
        200: Response("the page", html_body("Link WhatsApp to The shop")),
        403: Response("a page that says that this is not a link", html_body(_ENGLISH.unknown.title)),
        410: Response("a page that says why the link is no longer valid", html_body(_ENGLISH.gone.title)),
    },
    errors=(errors.StoreOutOfOrder,),
)
_PICTURE = Operation(
    "Pages",
    path=_TOKEN,
    responses={200: Response("the code", SVG)},
    errors=(
        *error_groups.SCAN_LINK,
        errors.AlreadyConnected,
        errors.ConflictingState,
        *error_groups.NO_QR,
    ),
)
_STREAM = Operation(
    "Pages",
    path=_TOKEN,
    responses={
        200: Response("what the page shows, each time it changes", event_stream(("view", _ENGLISH.scanned)))
    },
    errors=error_groups.SCAN_LINK,
)
_PAIRING_CODE = Operation(
    "Pages",
    path=_TOKEN,
    body=Body(PairingRequest, {"phoneNumber": "15551234567"}, is_required=True),
    responses={
        200: Response(
            "a code to type on the phone",
            json_body(LinkPairingCodeDocument, LinkPairingCodeDocument(code="K7QM2ZXP", seconds_left=160.0)),
        )
    },
    errors=(
        *error_groups.BODY,
        *error_groups.SCAN_LINK,
        errors.AlreadyConnected,
        errors.ConflictingState,
        *error_groups.NO_QR,
    ),
)

ROUTES = (
    Route("GET", "/scan/{token}", show_page, scope=None, operation=_PAGE),
    Route("GET", "/scan/{token}/qr.svg", show_picture, scope=None, operation=_PICTURE),
    Route("GET", "/scan/{token}/events", stream_page, scope=None, operation=_STREAM),
    Route("POST", "/scan/{token}/pairing-code", issue_linked_code, scope=None, operation=_PAIRING_CODE),
)
