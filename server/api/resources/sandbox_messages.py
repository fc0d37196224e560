"""Messages that a simulated phone writes, if the sandbox runs next to this Motte."""

from typing import Annotated

import msgspec
from aiohttp import web

from server.api.openapi import error_groups
from server.api.openapi.content import json_body
from server.api.openapi.operation import Body, Operation, Response
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.message_fields import PhoneNumber, checked_text
from server.api.schemas.parsing import parse_body
from server.api.session_id import requested_id
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.core import errors
from server.core.paths import StateFolder
from server.documents.document import Document
from server.domain import phone_numbers
from server.domain.texts import TEXT_PATTERN
from server.messages.sandbox_phones import SandboxPhones

#: The sandbox takes 64 KiB, and JSON may escape each character with six bytes.
MAX_TEXT_CHARACTERS = 10_000
MAX_NAME_CHARACTERS = 100


class PhoneMessage(
    msgspec.Struct, forbid_unknown_fields=True, rename={"sender": "from", "push_name": "pushName"}
):
    """The body of POST /sessions/{id}/sandbox/messages."""

    #: The phone that writes.
    sender: PhoneNumber
    text: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=MAX_TEXT_CHARACTERS, extra_json_schema={"pattern": TEXT_PATTERN}
        ),
    ]
    #: None: the phone shows no name.
    push_name: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)] | None = None

    def __repr__(self) -> str:  # No log contains what somebody wrote.
        return "PhoneMessage(…)"


class PhoneMessageDocument(Document, frozen=True):
    """What a simulated phone wrote."""

    id: Annotated[str, msgspec.Meta(description="of the message, which arrives as any other does")]


async def let_phone_write(request: web.Request) -> web.Response:
    """Lets a simulated phone write to the session. Without a sandbox there is no such address: 404."""
    gateway = request.app[GATEWAY]
    if not gateway.settings.sandbox:
        raise web.HTTPNotFound
    wanted = parse_body(await request.read(), PhoneMessage, is_required=True)
    try:
        sender = phone_numbers.digits_of(wanted.sender)
    except ValueError as rule:
        raise errors.ValidationFailed(str(rule), pointer="/from") from None
    text = checked_text(wanted.text)
    session = await gateway.store.sessions.require(requested_id(request))
    phones = SandboxPhones(StateFolder(gateway.settings.state))
    written = await phones.write(session, sender=sender, text=text, push_name=wanted.push_name)
    return json_response(PhoneMessageDocument(id=written), status=202)


_WRITE = Operation(
    "Messages",
    body=Body(PhoneMessage, {"from": "15557654321", "text": "Are you open today?"}, is_required=True),
    responses={
        202: Response(
            "the phone has sent it",
            json_body(PhoneMessageDocument, PhoneMessageDocument(id="sandbox-8d1f0c6a2b94")),
        )
    },
    errors=(
        *error_groups.BODY,
        errors.NotFound,
        errors.NoSuchSession,
        errors.ConflictingState,
        errors.WhatsAppUnreachable,
    ),
)

ROUTES = (
    Route("POST", "/sessions/{id}/sandbox/messages", let_phone_write, scope=Scope.SEND, operation=_WRITE),
)
