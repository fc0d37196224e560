"""Webhooks: create, list, read, update, delete, and another secret."""

from typing import Annotated

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from server.api.openapi import error_groups
from server.api.openapi.content import json_body
from server.api.openapi.examples import CREATED_AT, NOW
from server.api.openapi.operation import Body, Operation, PathParameter, Response
from server.api.responses import json_response
from server.api.route import Route
from server.api.schemas.cursors import PAGE_LIMIT, decode_cursor, encode_cursor
from server.api.schemas.parsing import parse_body, parse_query
from server.api.schemas.webhook import (
    NewWebhook,
    WebhookDocument,
    WebhookPatch,
    WebhookStatus,
    WebhookWithSecret,
    webhook_document,
    webhook_with_secret,
)
from server.assembly import GATEWAY, KEY
from server.auth.api_keys import Scope
from server.core import errors
from server.documents.document import Document

#: `{webhook}` in a path.
WEBHOOK = {"webhook": PathParameter("the webhook's id", {"type": "string"}, example="wh_5f0c2b7a9d3e4f61")}


class WebhookQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of GET /webhooks."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_LIMIT)] = 50
    cursor: str | None = None


class WebhookPage(Document, frozen=True):
    """A page of webhooks, the oldest first."""

    items: list[WebhookDocument]
    next_cursor: Annotated[str | None, msgspec.Meta(description="for `?cursor=`; null on the last page")]


async def create_webhook(request: web.Request) -> web.Response:
    """Creates a webhook. The response shows its secret, this once.

    It gets the events after its creation.
    """
    gateway = request.app[GATEWAY]
    wanted = parse_body(await request.read(), NewWebhook, is_required=True)
    webhook = await gateway.webhooks.create(request[KEY], wanted.fields())
    return json_response(
        webhook_with_secret(webhook, gateway.clock.wall()),
        status=201,
        headers={"Location": f"{gateway.settings.public_url or ''}/webhooks/{webhook.id}"},
    )


async def list_webhooks(request: web.Request) -> web.Response:
    """Returns a page of the webhooks that the key may see."""
    gateway = request.app[GATEWAY]
    wanted = parse_query(request.query, WebhookQuery)
    after = (0, "") if wanted.cursor is None else decode_cursor(wanted.cursor, tuple[int, str])
    found = [
        webhook
        for webhook in await gateway.webhooks.all(request[KEY])
        if (webhook.created_at, webhook.id) > after
    ]
    page = found[: wanted.limit]
    now = gateway.clock.wall()
    is_last = len(page) == len(found)
    return json_response(
        WebhookPage(
            items=[webhook_document(webhook, now) for webhook in page],
            next_cursor=None if is_last else encode_cursor((page[-1].created_at, page[-1].id)),
        )
    )


async def read_webhook(request: web.Request) -> web.Response:
    """Returns the webhook."""
    gateway = request.app[GATEWAY]
    webhook = await gateway.webhooks.get(request[KEY], request.match_info["webhook"])
    return json_response(webhook_document(webhook, gateway.clock.wall()))


async def update_webhook(request: web.Request) -> web.Response:
    """Changes fields of the webhook: a JSON merge patch. `headers` are replaced as a whole.

    A webhook that has `headers` gets a `url` of another host only together with `headers`.

    What is waiting after failures is tried again at once. With another `url`, other `headers`, or if it was
    disabled, earlier failures do not count.
    """
    gateway = request.app[GATEWAY]
    fields = parse_body(await request.read(), WebhookPatch).fields()
    webhook = await gateway.webhooks.change(request[KEY], request.match_info["webhook"], fields)
    return json_response(webhook_document(webhook, gateway.clock.wall()))


async def delete_webhook(request: web.Request) -> web.Response:
    """Deletes the webhook with its secret and its dead events. What has begun may still arrive."""
    await request.app[GATEWAY].webhooks.delete(request[KEY], request.match_info["webhook"])
    return web.Response(status=204)


async def rotate_secret(request: web.Request) -> web.Response:
    """Gives the webhook another secret, and shows it this once. The old one signs too, for 24 hours."""
    gateway = request.app[GATEWAY]
    webhook = await gateway.webhooks.rotate(request[KEY], request.match_info["webhook"])
    return json_response(webhook_with_secret(webhook, gateway.clock.wall()))


_EXAMPLE = WebhookDocument(
    id="wh_5f0c2b7a9d3e4f61",
    url="https://example.com/motte",
    types=["message.received", "session.status"],
    sessions=None,
    header_names=["Authorization"],
    give_up_after=86_400,
    status=WebhookStatus.ACTIVE,
    reason=None,
    failing_since=None,
    old_secret_until=None,
    created_at=CREATED_AT,
)
_WITH_SECRET = WebhookWithSecret(
    **{name: getattr(_EXAMPLE, name) for name in _EXAMPLE.__struct_fields__},
    secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # noqa: S106  # an example
)
_SHOWN = {200: Response("the webhook", json_body(WebhookDocument, _EXAMPLE))}
_GONE = (errors.NoSuchWebhook,)

_CREATE = Operation(
    "Webhooks",
    body=Body(
        NewWebhook,
        {"url": "https://example.com/motte", "types": ["message.received", "session.status"]},
        is_required=True,
    ),
    responses={
        201: Response(
            "created",
            json_body(WebhookWithSecret, _WITH_SECRET),
            headers={"Location": "the address of the webhook"},
        )
    },
    errors=(*error_groups.BODY, errors.WebhooksFull),
)
_LIST = Operation(
    "Webhooks",
    query=WebhookQuery,
    responses={
        200: Response("a page", json_body(WebhookPage, WebhookPage(items=[_EXAMPLE], next_cursor=None)))
    },
    errors=(errors.ValidationFailed, errors.BadCursor),
)
_READ = Operation("Webhooks", path=WEBHOOK, responses=_SHOWN, errors=_GONE)
_UPDATE = Operation(
    "Webhooks",
    path=WEBHOOK,
    body=Body(WebhookPatch, {"enabled": True}),
    responses=_SHOWN,
    errors=(*error_groups.BODY, *_GONE, errors.WebhooksFull),
)
_DELETE = Operation("Webhooks", path=WEBHOOK, responses={204: Response("deleted")}, errors=_GONE)
_ROTATE = Operation(
    "Webhooks",
    path=WEBHOOK,
    responses={
        200: Response(
            "the webhook with its new secret",
            json_body(WebhookWithSecret, msgspec.structs.replace(_WITH_SECRET, old_secret_until=NOW)),
        )
    },
    errors=_GONE,
)


def _route(method: str, path: str, handler: Handler, operation: Operation) -> Route:
    """Each handler keeps to the sessions of the key: Webhooks does."""
    return Route(method, path, handler, scope=Scope.WEBHOOKS, operation=operation, filters_by_key=True)


ROUTES = (
    _route("POST", "/webhooks", create_webhook, _CREATE),
    _route("GET", "/webhooks", list_webhooks, _LIST),
    _route("GET", "/webhooks/{webhook}", read_webhook, _READ),
    _route("PATCH", "/webhooks/{webhook}", update_webhook, _UPDATE),
    _route("DELETE", "/webhooks/{webhook}", delete_webhook, _DELETE),
    _route("POST", "/webhooks/{webhook}/rotate-secret", rotate_secret, _ROTATE),
)
