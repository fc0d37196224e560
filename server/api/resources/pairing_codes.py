"""Pairing codes: eight characters to type on the phone instead of scanning a QR code."""

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
from server.core import errors
from server.core.clock import iso
from server.documents.document import Document, Timestamp
from server.domain import phone_numbers


class PairingRequest(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions/{id}/pairing-code."""

    phone_number: Annotated[
        str,
        msgspec.Meta(
            max_length=phone_numbers.MAX_CHARACTERS,
            extra_json_schema={"pattern": phone_numbers.PATTERN},
            description="with the country code; what people write between digits is ignored",
        ),
    ]


class PairingCodeDocument(Document, frozen=True):
    """A code to type on the phone."""

    phone_number: str
    code: Annotated[str, msgspec.Meta(min_length=8, max_length=8)]
    expires_at: Timestamp


async def issue_pairing_code(request: web.Request) -> web.Response:
    """Returns eight characters to type on the phone."""
    number = await requested_number(request)
    code = await request.app[GATEWAY].service.pairing_code(requested_id(request), number)
    return json_response(
        PairingCodeDocument(
            phone_number=code.phone_number, code=code.code, expires_at=iso(code.shown_expires_at)
        )
    )


async def requested_number(request: web.Request) -> str:
    """Returns the digits of the phone number in the body. Raises MalformedJson, ValidationFailed."""
    wanted = parse_body(await request.read(), PairingRequest, is_required=True)
    try:
        return phone_numbers.digits_of(wanted.phone_number)
    except ValueError as rule:
        raise errors.ValidationFailed(str(rule), pointer="/phoneNumber") from None


_ISSUE = Operation(
    "Sessions",
    body=Body(PairingRequest, {"phoneNumber": "15551234567"}, is_required=True),
    responses={
        200: Response(
            "a code to type on the phone",
            json_body(
                PairingCodeDocument,
                PairingCodeDocument(phone_number="15551234567", code="K7QM2ZXP", expires_at=EXPIRES_AT),
            ),
        )
    },
    errors=(
        *error_groups.BODY,
        errors.NoSuchSession,
        errors.AlreadyConnected,
        errors.ConflictingState,
        *error_groups.NO_QR,
    ),
)

ROUTES = (
    Route("POST", "/sessions/{id}/pairing-code", issue_pairing_code, scope=Scope.WRITE, operation=_ISSUE),
)
