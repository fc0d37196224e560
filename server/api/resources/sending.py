"""Messages that callers send: texts, places and cards; edits, revokes and reactions."""

from typing import Any

import msgspec
from aiohttp import web

from server.api.client_loss import while_connected
from server.api.openapi import error_groups
from server.api.openapi.content import json_body
from server.api.openapi.examples import EDIT, QUEUED, REACTION, REVOKE
from server.api.openapi.operation import Body, Header, Operation, Response
from server.api.openapi.parameters import IDEMPOTENCY_KEY, MESSAGE_ID
from server.api.prefer_header import Preferences, applied_wait
from server.api.responses import json_response, message_location
from server.api.route import Route
from server.api.schemas.message_fields import MessageNameQuery, checked_text, named
from server.api.schemas.new_message import EditedMessage, NewMessage, NewReaction
from server.api.schemas.parsing import parse_body, parse_query
from server.api.session_id import requested_id
from server.api.waiting import waiting
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.core import errors
from server.documents.message import MessageDocument, message_document
from server.outbound.drafts import NamedMessage
from server.outbound.idempotency import IdempotentRequest, idempotent
from server.outbound.outbox import Taken
from server.outbound.progress import SETTLED
from server.protocol.events.messages import MessageMoved
from server.sessions.message_waits import first_found
from store.records.messages import Message

#: Bytes of the body of a send: 65,536 characters that JSON escapes have 393,216.
MAX_SEND_BYTES = 512 * 1024


async def send_message(request: web.Request) -> web.Response:
    """Takes a message to send, and stores it before it responds.

    A session whose link is down takes messages too. With `Prefer: wait=N`, waits until the message is sent or
    has failed. If an earlier request with the same idempotency key made the message, returns it as it is now.
    """
    gateway = request.app[GATEWAY]
    body = await request.read()
    draft = parse_body(body, NewMessage, is_required=True).draft()
    wait = Preferences.of(request.headers).wait
    key = _idempotent(request, _json(body))
    session_id = requested_id(request)
    with waiting(request, wait):  # before it is stored: a refused message is not sent
        taken = await gateway.outbox.send(session_id, draft, key)
        if wait is None:
            return _taken(request, session_id, taken, 201)
        message = await _settled(request, session_id, taken.message, wait)
    return _taken(request, session_id, Taken(message, taken.is_new), 201, applied_wait(wait))


async def edit_message(request: web.Request) -> web.Response:
    """Edits a text that the account wrote, for everyone. The text of the message that was sent stays.

    Returns the edit, a message with an id of its own.
    """
    body = await request.read()
    text = checked_text(parse_body(body, EditedMessage, is_required=True).text)
    name, session_id = _named(request), requested_id(request)
    key = _idempotent(request, "edit", *_parts(name), _json(body))
    taken = await request.app[GATEWAY].outbox.edit(session_id, name, text, key)
    return _taken(request, session_id, taken, 202)


async def withdraw_message(request: web.Request) -> web.Response:
    """Cancels a message that is still queued; revokes any other for everyone.

    Returns the cancelled message, or the revoke, a message with an id of its own.
    """
    name, session_id = _named(request), requested_id(request)
    key = _idempotent(request, "revoke", *_parts(name))
    taken = await request.app[GATEWAY].outbox.withdraw(session_id, name, key)
    if isinstance(taken, Message):
        return json_response(message_document(taken))
    return _taken(request, session_id, taken, 202)


async def react(request: web.Request) -> web.Response:
    """Reacts to a message, in place of an earlier reaction of the account.

    Returns the reaction, a message with an id of its own.
    """
    body = await request.read()
    emoji = parse_body(body, NewReaction, is_required=True).checked()
    return await _react(request, emoji)


async def remove_reaction(request: web.Request) -> web.Response:
    """Takes the reaction of the account to a message away."""
    return await _react(request, None)


async def _react(request: web.Request, emoji: str | None) -> web.Response:
    name, session_id = _named(request), requested_id(request)
    key = _idempotent(request, "reaction", *_parts(name), emoji)
    taken = await request.app[GATEWAY].outbox.react(session_id, name, emoji, key)
    return _taken(request, session_id, taken, 202)


async def _settled(request: web.Request, session_id: str, message: Message, wait: float) -> Message:
    """Returns the message once it is sent or has failed; as it is after `wait` seconds."""
    gateway = request.app[GATEWAY]

    async def read() -> Message:
        found = await gateway.store.messages.with_id(session_id, message.id)
        return next((one for one in found if one.number == message.number), message)

    return await while_connected(
        request,
        wait,
        lambda seconds: first_found(
            gateway.service.subscriptions,
            session_id,
            read,
            is_enough=lambda read: read.status in SETTLED,
            wait=seconds,
            concerns=lambda change: (
                not isinstance(change.event, MessageMoved) or change.event.id == message.id
            ),
        ),
    )


def _taken(
    request: web.Request, session_id: str, taken: Taken, status: int, headers: dict[str, str] | None = None
) -> web.Response:
    """Returns the message that the request made, or 200 with the one of an earlier request."""
    public_url = request.app[GATEWAY].settings.public_url
    return json_response(
        message_document(taken.message),
        status=status if taken.is_new else 200,
        headers=message_location(session_id, taken.message.id, public_url) | (headers or {}),
    )


def _named(request: web.Request) -> NamedMessage:
    """Returns the message that the address names. Raises ValidationFailed."""
    query = parse_query(request.query, MessageNameQuery)
    return named(request.match_info["mid"], query.chat, query.sender, pointer="?")


def _parts(name: NamedMessage) -> tuple[str | None, ...]:
    """Returns what tells the message of a request apart: several may have its id."""
    return name.id, name.chat, name.sender


def _idempotent(request: web.Request, *parts: Any) -> IdempotentRequest | None:
    """Returns the request with its idempotency key; None: it has none. Raises BadRequest."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    try:
        return idempotent(key, *parts)
    except ValueError as rule:
        raise errors.BadRequest(f"the header Idempotency-Key {rule}") from None


def _json(body: bytes) -> Any:
    return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))


_ABOUT: dict[str, Any] = {"path": {"mid": MESSAGE_ID}, "query": MessageNameQuery}
_LOCATION = {"Location": "the address of the message"}
_TAKES = (errors.NoSuchSession, errors.ConflictingState, errors.OutboxFull, errors.IdempotencyKeyReused)
_NAMED = (errors.MessageNotFound, errors.AmbiguousMessage)
_REPEATED = Response(
    "an earlier request with the same idempotency key made it",
    json_body(MessageDocument, QUEUED),
    headers=_LOCATION,
)


def _made(example: MessageDocument) -> dict[int, Response]:
    return {
        202: Response("queued", json_body(MessageDocument, example), headers=_LOCATION),
        200: _REPEATED,
    }


_SEND = Operation(
    "Messages",
    body=Body(NewMessage, {"to": "15557654321", "text": "Yes, until eight."}, is_required=True),
    headers=(
        IDEMPOTENCY_KEY,
        Header("Prefer", "`wait=N`: wait up to N seconds (60 at most) until it is sent or has failed"),
    ),
    responses={
        201: Response(
            "queued; after a wait, sent or failed",
            json_body(MessageDocument, QUEUED),
            headers={**_LOCATION, "Preference-Applied": "`wait=N`, if the request was ready to wait"},
        ),
        200: _REPEATED,
    },
    errors=(*error_groups.BODY, *_TAKES, *_NAMED),
)
_EDIT = Operation(
    "Messages",
    body=Body(EditedMessage, {"text": "Yes, until nine."}, is_required=True),
    headers=(IDEMPOTENCY_KEY,),
    responses=_made(EDIT),
    errors=(*error_groups.BODY, *_TAKES, *_NAMED, errors.TooLate),
    **_ABOUT,
)
_WITHDRAW = Operation(
    "Messages",
    headers=(IDEMPOTENCY_KEY,),
    responses={
        202: Response("a revoke is queued", json_body(MessageDocument, REVOKE), headers=_LOCATION),
        200: Response(
            "cancelled: nobody gets it; or the revoke of an earlier request with the same idempotency key",
            json_body(MessageDocument, QUEUED),
            headers=_LOCATION,
        ),
    },
    errors=(errors.ValidationFailed, *_TAKES, *_NAMED, errors.TooLate),
    **_ABOUT,
)
_REACT = Operation(
    "Messages",
    body=Body(NewReaction, {"emoji": "\N{THUMBS UP SIGN}"}, is_required=True),
    headers=(IDEMPOTENCY_KEY,),
    responses=_made(REACTION),
    errors=(*error_groups.BODY, *_TAKES, *_NAMED),
    **_ABOUT,
)
_REMOVE = Operation(
    "Messages",
    headers=(IDEMPOTENCY_KEY,),
    responses=_made(msgspec.structs.replace(REACTION, emoji=None)),
    errors=(errors.ValidationFailed, *_TAKES, *_NAMED),
    **_ABOUT,
)

_MESSAGE = "/sessions/{id}/messages/{mid}"

ROUTES = (
    Route(
        "POST",
        "/sessions/{id}/messages",
        send_message,
        scope=Scope.SEND,
        operation=_SEND,
        max_body_bytes=MAX_SEND_BYTES,
    ),
    Route(
        "PATCH",
        _MESSAGE,
        edit_message,
        scope=Scope.SEND,
        operation=_EDIT,
        max_body_bytes=MAX_SEND_BYTES,
    ),
    Route("DELETE", _MESSAGE, withdraw_message, scope=Scope.SEND, operation=_WITHDRAW),
    Route("PUT", f"{_MESSAGE}/reaction", react, scope=Scope.SEND, operation=_REACT),
    Route("DELETE", f"{_MESSAGE}/reaction", remove_reaction, scope=Scope.SEND, operation=_REMOVE),
)
