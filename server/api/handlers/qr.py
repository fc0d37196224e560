"""A session's code as a picture, for whoever shows it to a person."""

from email.utils import formatdate
from enum import StrEnum

from aiohttp import web

from server.api.content_negotiation import preferred
from server.api.responses import answer
from server.api.schemas.requests import QrQuery, query
from server.api.schemas.responses import QrDocument
from server.assembly import GATEWAY
from server.core.clock import iso
from server.core.errors import NotAcceptable
from server.domain.expiry import Expiry
from server.domain.scannable import code_of
from server.sessions.long_poll import version
from server.web import qr_images as pictures
from store.records import Qr


class Form(StrEnum):
    """How a code can be had; the first is what a request gets that does not care."""

    JSON = "application/json"
    SVG = "image/svg+xml"
    PNG = "image/png"
    TEXT = "text/plain"


async def show_qr(request: web.Request) -> web.Response:
    """GET /sessions/{id}/qr: a code that can be scanned now; blocks as a read of the session does."""
    gateway = request.app[GATEWAY]
    wanted = query(request.query, QrQuery)
    form = Form[wanted.format.upper()] if wanted.format else _accepted(request)
    session = await gateway.service.fresh(request.match_info["id"])
    code = code_of(session, gateway.expiry)
    headers = {
        "ETag": f'W/"{version(session, gateway.expiry)}"',
        "Expires": _http_date(gateway.expiry.shown(code)),
        "Vary": "Accept",
    }
    if form is Form.JSON:
        return answer(_document(session.id, code, gateway.expiry), headers=headers)
    return web.Response(
        body=_drawn(code.payload, form, wanted.size),
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers},
        content_type=form,
        charset="utf-8" if form is Form.TEXT else None,
    )


def _accepted(request: web.Request) -> Form:
    form = preferred(request.headers.getall("Accept", []), list(Form))
    if form is None:
        raise NotAcceptable(f"a code can be had as {', '.join(Form)}")
    return Form(form)


def _drawn(payload: str, form: Form, size: int) -> bytes:
    match form:
        case Form.PNG:
            return pictures.png(payload, size=size)
        case Form.SVG:
            return pictures.svg(payload).encode()
        case _:
            return pictures.text(payload).encode()


def _document(session_id: str, code: Qr, expiry: Expiry) -> QrDocument:
    return QrDocument(id=session_id, qr_code=code.payload, qr_expires_at=iso(expiry.shown(code)))


def _http_date(moment: int) -> str:
    """`Mon, 25 May 2026 12:01:30 GMT`, the second begun. moment: milliseconds since 1970."""
    return formatdate(moment // 1000, usegmt=True)
