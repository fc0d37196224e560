"""The QR code of a session: as JSON, as a picture, as text for a terminal."""

from email.utils import formatdate
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from aiohttp import web

from server.api.content_negotiation import preferred
from server.api.openapi import error_groups
from server.api.openapi.content import SVG, TEXT, json_body
from server.api.openapi.examples import EXPIRES_AT, QR_PAYLOAD
from server.api.openapi.operation import Content, Operation, Response
from server.api.openapi.parameters import SESSION_ETAG
from server.api.responses import etag, json_response
from server.api.route import Route
from server.api.schemas.parsing import parse_query
from server.api.session_id import requested_id
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.core import errors
from server.core.clock import iso
from server.documents.document import Document, Timestamp
from server.domain.scannable import code_of
from server.sessions.long_poll import version
from server.web import qr_images


class Form(StrEnum):
    """Content types of a code; the first one is the default."""

    JSON = "application/json"
    SVG = "image/svg+xml"
    PNG = "image/png"
    TEXT = "text/plain"


class QrQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}/qr."""

    #: If absent, as the header `Accept` says. None would allow `?format=null`.
    format: Literal["json", "svg", "png", "text"] | msgspec.UnsetType = msgspec.UNSET
    #: The side of a PNG in pixels.
    size: Annotated[int, msgspec.Meta(ge=64, le=2048)] = 512
    #: Ignored. Pages add such a parameter so that no cache answers; none may keep a code anyway (`no-store`).
    t: Annotated[str | None, msgspec.Meta(description="ignored: no cache keeps a code")] = None


class QrDocument(Document, frozen=True):
    """A code to scan."""

    id: str
    qr_code: Annotated[str, msgspec.Meta(description="the text to encode as a QR code")]
    qr_expires_at: Timestamp


async def show_qr(request: web.Request) -> web.Response:
    """Returns a code that can be scanned now. If the last one has expired, waits for a new one."""
    gateway = request.app[GATEWAY]
    wanted = parse_query(request.query, QrQuery)
    form = _accepted(request) if wanted.format is msgspec.UNSET else Form[wanted.format.upper()]
    session = await gateway.service.fresh(requested_id(request))
    code = code_of(session, gateway.expiry)
    expires_at = gateway.expiry.shown(code)
    headers = {
        **etag(version(session, gateway.expiry)),
        "Expires": formatdate(expires_at // 1000, usegmt=True),  # rounded down to a whole second
        "Vary": "Accept",
    }
    if form is Form.JSON:
        document = QrDocument(id=session.id, qr_code=code.payload, qr_expires_at=iso(expires_at))
        return json_response(document, headers=headers)
    return web.Response(
        body=_drawn(code.payload, form, wanted.size),
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers},
        content_type=form,
        charset="utf-8" if form is Form.TEXT else None,
    )


def _accepted(request: web.Request) -> Form:
    """Returns the form that the request prefers. Raises NotAcceptable."""
    form = preferred(request.headers.getall("Accept", []), list(Form))
    if form is None:
        raise errors.NotAcceptable(f"a code is available as {', '.join(Form)}")
    return Form(form)


def _drawn(payload: str, form: Form, size: int) -> bytes:
    match form:
        case Form.PNG:
            return qr_images.png(payload, size=size)
        case Form.SVG:
            return qr_images.svg(payload).encode()
        case _:
            return qr_images.text(payload).encode()


_SHOW = Operation(
    "Showing codes",
    query=QrQuery,
    responses={
        200: Response(
            "a code that can be scanned",
            {
                **json_body(
                    QrDocument,
                    QrDocument(id="shop", qr_code=QR_PAYLOAD, qr_expires_at=EXPIRES_AT),
                ),
                **SVG,
                "image/png": Content({"type": "string", "contentMediaType": "image/png"}),
                "text/plain": Content(TEXT, "█▀▀▀▀▀█ ▄▀▄█▀ █▀▀▀▀▀█\n…"),
            },
            headers={"Expires": "when the code expires", **SESSION_ETAG},
        )
    },
    errors=(
        errors.ValidationFailed,
        errors.NotAcceptable,
        errors.NoSuchSession,
        errors.AlreadyConnected,
        errors.ConflictingState,
        *error_groups.NO_QR,
    ),
)

ROUTES = (Route("GET", "/sessions/{id}/qr", show_qr, scope=Scope.READ, operation=_SHOW),)
