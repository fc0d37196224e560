"""Messages of a session, in both directions."""

from typing import Annotated

import msgspec
from aiohttp import web

from server.api.openapi.content import json_body
from server.api.openapi.examples import NOW
from server.api.openapi.operation import Operation, Response
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.cursors import PAGE_LIMIT, decode_cursor, encode_cursor
from server.api.schemas.parsing import parse_query
from server.api.session_id import requested_id
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.core import errors
from server.documents.document import Document
from server.documents.message import MessageDocument, message_document

#: The number before that of every message.
BEFORE_ALL = 0

#: A message's number, or `createdAt` of its session, as SQLite can compare it.
Number = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]
#: A cursor: the number of a message, and `createdAt` of its session: the id may be that of another session by
#: now. Cursors of earlier versions have the number alone.
Cursor = Annotated[list[Number], msgspec.Meta(min_length=1, max_length=2)]


class MessageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}/messages."""

    #: The `nextCursor` of an earlier page. None: from the oldest message on.
    after: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50


class MessagePage(Document, frozen=True):
    """A page of messages, the oldest first."""

    items: list[MessageDocument]
    next_cursor: Annotated[
        str,
        msgspec.Meta(description="for `?after=`: always present; it returns only messages that came later"),
    ]


async def list_messages(request: web.Request) -> web.Response:
    """Returns the messages after a cursor, the oldest first."""
    gateway = request.app[GATEWAY]
    wanted = parse_query(request.query, MessageQuery)
    cursor = [BEFORE_ALL] if wanted.after is None else decode_cursor(wanted.after, Cursor)
    session = await gateway.store.sessions.require(requested_id(request))
    after = cursor[0] if cursor[1:] in ([], [session.created_at]) else BEFORE_ALL
    found = await gateway.store.messages.page(session.id, after=after, limit=wanted.limit)
    last = found[-1].number if found else after
    return json_response(
        MessagePage(
            items=[message_document(message) for message in found],
            next_cursor=encode_cursor((last, session.created_at)),
        )
    )


_EXAMPLE = MessageDocument(
    id="3EB0C767D82B0A6F4E1C",
    chat="15557654321@s.whatsapp.net",
    chat_lid="187654321098765@lid",
    sender="15557654321@s.whatsapp.net",
    sender_lid="187654321098765@lid",
    number="15557654321",
    from_me=False,
    via=None,
    push_name="Bob",
    kind="text",
    text="Are you open today?",
    reply_to=None,
    mentions=[],
    target=None,
    emoji=None,
    location=None,
    contact=None,
    choice=None,
    poll=None,
    media=None,
    status=None,
    status_reason=None,
    attempts=0,
    queued_at=None,
    sent_at="2026-05-25T12:00:29.000Z",
    delivered_at=None,
    read_at=None,
    received_at=NOW,
)

_LIST = Operation(
    "Messages",
    query=MessageQuery,
    responses={
        200: Response(
            "the messages after the cursor",
            json_body(MessagePage, MessagePage(items=[_EXAMPLE], next_cursor="WzQxLDE3Nzk3MTA0MDAwMDBd")),
        )
    },
    errors=(errors.ValidationFailed, errors.BadCursor, errors.NoSuchSession),
)

ROUTES = (Route("GET", "/sessions/{id}/messages", list_messages, scope=Scope.READ, operation=_LIST),)
