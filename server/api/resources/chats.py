"""Chats: mark as read, show that somebody types; and contacts: look a number up."""

from typing import Annotated, Any

import msgspec
from aiohttp import web

from server.api.openapi import error_groups
from server.api.openapi.content import json_body
from server.api.openapi.operation import Body, Operation, PathParameter, Response
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.message_fields import MessageId, address, without_nul
from server.api.schemas.parsing import parse_body
from server.api.session_id import requested_id
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.core import errors
from server.documents.document import Document
from server.domain import phone_numbers, recipients
from server.domain.whatsapp_addresses import NUMBER_SERVER
from server.protocol.commands import TypingKind

#: WhatsApp's apps hide it after about that time.
MAX_TYPING_SECONDS = 25


class ReadMark(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions/{id}/chats/{chat}/read."""

    up_to: Annotated[
        MessageId | None, msgspec.Meta(description="the id of the last message that was read; default: all")
    ] = None


class TypingMark(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions/{id}/chats/{chat}/typing."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=MAX_TYPING_SECONDS, description="0: it stops")] = 3
    #: voice: it shows that somebody records.
    kind: TypingKind = "text"


class ContactDocument(Document, frozen=True):
    """What WhatsApp says of a phone number."""

    number: Annotated[str, msgspec.Meta(description="digits without `+`")]
    exists: Annotated[bool, msgspec.Meta(description="whether it has WhatsApp")]
    jid: Annotated[str | None, msgspec.Meta(description="the address to send to; null without WhatsApp")]
    lid: Annotated[str | None, msgspec.Meta(description="the LID, if known")]
    name: Annotated[str | None, msgspec.Meta(description="the name that a business has confirmed")]


async def mark_chat_read(request: web.Request) -> web.Response:
    """Marks what came in a chat as read: the newest 200 messages that are not marked."""
    wanted = parse_body(await request.read(), ReadMark)
    up_to = None if wanted.up_to is None else without_nul(wanted.up_to, "/upTo")
    chat = _chat(request)
    await request.app[GATEWAY].service.mark_read(requested_id(request), chat, up_to)
    return web.Response(status=202)


async def show_typing(request: web.Request) -> web.Response:
    """Shows a chat that somebody types, or records a voice message."""
    wanted = parse_body(await request.read(), TypingMark)
    chat = _chat(request)
    await request.app[GATEWAY].service.show_typing(
        requested_id(request), chat, seconds=wanted.seconds, kind=wanted.kind
    )
    return web.Response(status=202)


async def read_contact(request: web.Request) -> web.Response:
    """Returns whether a phone number has WhatsApp. WhatsApp's answers are kept: 7 days, or an hour if not."""
    try:
        number = phone_numbers.digits_of(request.match_info["number"])
    except ValueError as rule:
        raise errors.ValidationFailed(str(rule), pointer="/number") from None
    contact = await request.app[GATEWAY].service.look_up(requested_id(request), number)
    return json_response(
        ContactDocument(
            number=contact.number,
            exists=bool(contact.is_there),
            jid=contact.number + NUMBER_SERVER if contact.is_there else None,
            lid=contact.lid,
            name=contact.name,
        )
    )


def _chat(request: web.Request) -> str:
    """Returns the chat that the address names. Raises ValidationFailed."""
    return address(request.match_info["chat"], "/chat")


_CHAT: dict[str, Any] = {
    "path": {
        "chat": PathParameter(
            "the chat: a number or an address",
            {"type": "string", "maxLength": recipients.MAX_CHARACTERS, "pattern": recipients.PATTERN},
            "15557654321",
        )
    }
}
_COMMAND = (
    errors.NoSuchSession,
    errors.ConflictingState,
    errors.ConnectorUnavailable,
    errors.LeaderUnavailable,
)
_READ = Operation(
    "Chats",
    body=Body(ReadMark, {"upTo": "3EB0C767D82B0A6F4E1C"}),
    responses={202: Response("the connector has it")},
    errors=(*error_groups.BODY, errors.MessageNotFound, *_COMMAND),
    **_CHAT,
)
_TYPING = Operation(
    "Chats",
    body=Body(TypingMark, {"seconds": 3, "kind": "text"}),
    responses={202: Response("the connector has it")},
    errors=(*error_groups.BODY, *_COMMAND),
    **_CHAT,
)
_CONTACT = Operation(
    "Chats",
    path={
        "number": PathParameter(
            "the phone number with its country code",
            {"type": "string", "maxLength": phone_numbers.MAX_CHARACTERS, "pattern": phone_numbers.PATTERN},
            "15557654321",
        )
    },
    responses={
        200: Response(
            "what WhatsApp says of the number",
            json_body(
                ContactDocument,
                ContactDocument(
                    number="15557654321",
                    exists=True,
                    jid="15557654321@s.whatsapp.net",
                    lid="187654321098765@lid",
                    name=None,
                ),
            ),
        )
    },
    errors=(errors.ValidationFailed, *_COMMAND, errors.WhatsAppUnreachable),
)

ROUTES = (
    Route("POST", "/sessions/{id}/chats/{chat}/read", mark_chat_read, scope=Scope.SEND, operation=_READ),
    Route("POST", "/sessions/{id}/chats/{chat}/typing", show_typing, scope=Scope.SEND, operation=_TYPING),
    Route(
        "GET",
        "/sessions/{id}/contacts/{number}",
        read_contact,
        scope=Scope.READ_MESSAGES,
        operation=_CONTACT,
    ),
)
