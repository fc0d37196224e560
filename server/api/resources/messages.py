"""Messages of a session, in both directions: read them, or wait for new ones."""

from enum import StrEnum
from typing import Annotated

import msgspec
from aiohttp import web

from server.api.client_loss import while_connected
from server.api.openapi.content import json_body
from server.api.openapi.examples import DELIVERED, RECEIVED
from server.api.openapi.operation import Header, Operation, Response
from server.api.openapi.parameters import MESSAGE_ID
from server.api.prefer_header import Preferences, applied_wait
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.cursors import PAGE_LIMIT, decode_cursor, encode_cursor
from server.api.schemas.message_fields import MessageNameQuery, Recipient, address, named
from server.api.schemas.parsing import parse_query
from server.api.session_id import requested_id
from server.api.waiting import waiting
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.core import errors
from server.documents.document import Document
from server.documents.message import MessageDocument, message_document
from server.outbound.message_lookup import only_one
from server.sessions.message_waits import first_found
from store.records.messages import Message

#: The number before that of every message, and the one behind it.
BEFORE_ALL = 0
BEHIND_ALL = 2**62 - 1

#: A message's number, or `createdAt` of its session, as SQLite can compare it.
Number = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]
#: A cursor: the number of a message, and `createdAt` of its session: the id may be that of another session by
#: now. Cursors of earlier versions have the number alone.
Cursor = Annotated[list[Number], msgspec.Meta(min_length=1, max_length=2)]


class Order(StrEnum):
    """The order of a list of messages."""

    OLDEST = "oldest"  # the oldest first
    NEWEST = "newest"  # the newest first


class MessageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /sessions/{id}/messages."""

    #: The `nextCursor` of an earlier page. None: from the beginning on.
    after: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50
    order: Annotated[
        Order, msgspec.Meta(description="which message comes first; `?after=` goes on in this order")
    ] = Order.OLDEST
    #: None: every chat.
    chat: Annotated[
        Recipient | None, msgspec.Meta(description="only messages of this chat, by number or by LID")
    ] = None


class MessagePage(Document, frozen=True):
    """A page of messages, the oldest or the newest first."""

    items: list[MessageDocument]
    next_cursor: Annotated[
        str,
        msgspec.Meta(
            description="for `?after=`: always present; it returns only messages that came later, "
            "or with `order=newest` earlier"
        ),
    ]


async def list_messages(request: web.Request) -> web.Response:
    """Returns the messages after a cursor, the oldest first or the newest first.

    With `Prefer: wait=N`, waits until there is one. The response then has `Preference-Applied`.
    """
    gateway = request.app[GATEWAY]
    wanted = parse_query(request.query, MessageQuery)
    chat = None if wanted.chat is None else address(wanted.chat, "?chat")
    is_back = wanted.order is Order.NEWEST
    first = BEHIND_ALL if is_back else BEFORE_ALL
    cursor = [first] if wanted.after is None else decode_cursor(wanted.after, Cursor)
    wait = Preferences.of(request.headers).wait
    session = await gateway.store.sessions.require(requested_id(request))
    after = cursor[0] if cursor[1:] in ([], [session.created_at]) else first

    async def read() -> list[Message]:
        chats = None if chat is None else await gateway.store.outbox.addresses(session.id, chat)
        messages = gateway.store.messages
        if is_back:
            return await messages.page_back(session.id, before=after, limit=wanted.limit, chats=chats)
        return await messages.page(session.id, after=after, limit=wanted.limit, chats=chats)

    if wait is None:
        found, headers = await read(), {}
    else:
        with waiting(request, wait):
            found = await while_connected(
                request,
                wait,
                lambda seconds: first_found(
                    gateway.service.subscriptions, session.id, read, is_enough=bool, wait=seconds
                ),
            )
        headers = applied_wait(wait)
    last = found[-1].number if found else after
    document = MessagePage(
        items=[message_document(message) for message in found],
        next_cursor=encode_cursor((last, session.created_at)),
    )
    return json_response(document, headers=headers)


async def read_message(request: web.Request) -> web.Response:
    """Returns one message, with how far it is and since when."""
    gateway = request.app[GATEWAY]
    query = parse_query(request.query, MessageNameQuery)
    name = named(request.match_info["mid"], query.chat, query.sender, pointer="?")
    session = await gateway.store.sessions.require(requested_id(request))
    found = await gateway.store.messages.with_id(session.id, name.id)
    known = {
        one: await gateway.store.outbox.addresses(session.id, one)
        for one in (name.chat, name.sender)
        if one is not None
    }
    return json_response(message_document(only_one(found, name, known.__getitem__)))


_LIST = Operation(
    "Messages",
    query=MessageQuery,
    headers=(Header("Prefer", "`wait=N`: wait up to N seconds (60 at most) for a message"),),
    responses={
        200: Response(
            "the messages after the cursor",
            json_body(MessagePage, MessagePage(items=[RECEIVED], next_cursor="WzQxLDE3Nzk3MTA0MDAwMDBd")),
            headers={"Preference-Applied": "`wait=N`, if the request was ready to wait"},
        )
    },
    errors=(errors.ValidationFailed, errors.BadCursor, errors.NoSuchSession),
)
_READ = Operation(
    "Messages",
    query=MessageNameQuery,
    path={"mid": MESSAGE_ID},
    responses={200: Response("the message", json_body(MessageDocument, DELIVERED))},
    errors=(
        errors.ValidationFailed,
        errors.NoSuchSession,
        errors.MessageNotFound,
        errors.AmbiguousMessage,
    ),
)

ROUTES = (
    Route("GET", "/sessions/{id}/messages", list_messages, scope=Scope.READ_MESSAGES, operation=_LIST),
    Route("GET", "/sessions/{id}/messages/{mid}", read_message, scope=Scope.READ_MESSAGES, operation=_READ),
)
