"""Scan links: addresses for the person who has the phone, to link it without an API key."""

import re
from typing import Annotated

import msgspec
from aiohttp import web

from server.api.openapi import error_groups
from server.api.openapi.content import json_body
from server.api.openapi.examples import EXPIRES_AT
from server.api.openapi.operation import Body, Operation, Response
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.parsing import parse_body
from server.api.session_id import requested_id
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.auth.scan_links import MAX_LIFETIME_SECONDS, ScanLink
from server.core import errors
from server.core.clock import iso
from server.documents.document import Document, Timestamp
from server.domain.scannable import check_scannable

#: A host and an optional port, as the header Host may contain them.
HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class ScanLinkRequest(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions/{id}/scan-link."""

    #: Seconds, decimals allowed.
    expires_in: Annotated[float, msgspec.Meta(ge=30, le=MAX_LIFETIME_SECONDS)] = 600


class ScanLinkDocument(Document, frozen=True):
    """An address to send to the person who has the phone."""

    url: str
    expires_at: Timestamp


async def create_link(request: web.Request) -> web.Response:
    """Returns an address that shows the session's codes. Send it to the person who has the phone."""
    gateway = request.app[GATEWAY]
    wanted = parse_body(await request.read(), ScanLinkRequest)
    session = await gateway.store.sessions.require(requested_id(request))
    check_scannable(session)
    link = ScanLink.to(session, gateway.clock, lifetime=wanted.expires_in)
    url = f"{gateway.settings.public_url or _origin(request)}/scan/{gateway.links.write(link)}"
    return json_response(ScanLinkDocument(url=url, expires_at=iso(link.expires_at)), status=201)


def _origin(request: web.Request) -> str:
    """Returns the origin that the request was sent to. Raises BadRequest: it becomes a part of the link."""
    if HOST.fullmatch(request.host) is None:
        raise errors.BadRequest("the header Host is not a host with a port")
    return f"{request.scheme}://{request.host}"


_EXAMPLE = ScanLinkDocument(url="http://localhost:8090/scan/Lt-LU6KeoLsH8BAN2vUe…", expires_at=EXPIRES_AT)

_CREATE = Operation(
    "Showing codes",
    body=Body(ScanLinkRequest, {"expiresIn": 600}),
    responses={201: Response("created", json_body(ScanLinkDocument, _EXAMPLE))},
    errors=(
        *error_groups.BODY,
        errors.NoSuchSession,
        errors.AlreadyConnected,
        errors.ConflictingState,
    ),
)

ROUTES = (Route("POST", "/sessions/{id}/scan-link", create_link, scope=Scope.WRITE, operation=_CREATE),)
