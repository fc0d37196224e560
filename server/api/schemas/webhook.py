"""Webhooks in bodies of requests and responses."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from server.api.schemas.session_fields import ID_PATTERN
from server.core.clock import iso
from server.core.errors import ValidationFailed
from server.documents.document import Document, Timestamp
from server.webhooks.fields import WebhookFields
from server.webhooks.rules import HEADER_NAME_PATTERN, HEADER_VALUE_PATTERN, MAX_HEADERS, URL_PATTERN
from server.webhooks.schedule import MAX_GIVE_UP_AFTER_SECONDS
from server.webhooks.types import WebhookType
from store.records.webhooks import Webhook

MAX_URL_CHARACTERS = 2000
MAX_SESSIONS = 1000

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Url = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=MAX_URL_CHARACTERS,
        extra_json_schema={"pattern": URL_PATTERN},
        description="`http://` or `https://`, without a user name",
        examples=["https://example.com/motte"],
    ),
]
Types = Annotated[
    list[WebhookType],
    msgspec.Meta(
        min_length=1,
        max_length=len(WebhookType),
        description="null: every type that is logged, so not `session.qr`, `session.problem` and `typing`",
    ),
]
Sessions = Annotated[
    list[Annotated[str, msgspec.Meta(extra_json_schema={"pattern": ID_PATTERN})]],
    msgspec.Meta(
        min_length=1, max_length=MAX_SESSIONS, description="null: every session that the API key may see"
    ),
]
#: In the type of the values: msgspec writes `additionalProperties` itself.
HeaderValue = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": HEADER_VALUE_PATTERN})]
Headers = Annotated[
    dict[str, HeaderValue],
    msgspec.Meta(
        extra_json_schema={
            "maxProperties": MAX_HEADERS,
            "propertyNames": {"pattern": HEADER_NAME_PATTERN},
        },
        description="each delivery carries them; Motte shows their names only",
        examples=[{"Authorization": "Bearer a-token"}],
    ),
]
GiveUpAfter = Annotated[
    int,
    msgspec.Meta(
        ge=0,
        le=MAX_GIVE_UP_AFTER_SECONDS,
        description="seconds after which an event is dead; 0: after one try",
    ),
]


class NewWebhook(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /webhooks."""

    url: Url
    types: Types | None = None
    sessions: Sessions | None = None
    headers: Headers = {}
    give_up_after: GiveUpAfter = MAX_GIVE_UP_AFTER_SECONDS
    enabled: bool = True

    def fields(self) -> WebhookFields:
        """Returns the fields of the new webhook."""
        return WebhookFields(
            url=self.url,
            types=_tuple(self.types),
            sessions=_tuple(self.sessions),
            headers=self.headers,
            give_up_after=self.give_up_after,
            enabled=self.enabled,
        )

    def __repr__(self) -> str:  # A URL and headers may contain secrets.
        return "NewWebhook(…)"


class WebhookPatch(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /webhooks/{webhook}, a JSON merge patch: absent fields stay as they are."""

    url: Url | msgspec.UnsetType = msgspec.UNSET
    types: Types | msgspec.UnsetType | None = msgspec.UNSET
    sessions: Sessions | msgspec.UnsetType | None = msgspec.UNSET
    #: All of them: those that are not named are gone. None: no headers.
    headers: Headers | msgspec.UnsetType | None = msgspec.UNSET
    #: None: the default.
    give_up_after: GiveUpAfter | msgspec.UnsetType | None = msgspec.UNSET
    #: True also enables a webhook that answered 410.
    enabled: bool | msgspec.UnsetType = msgspec.UNSET

    def fields(self) -> WebhookFields:
        """Returns the fields to change."""
        return WebhookFields(
            url=self.url,
            types=_tuple(self.types),
            sessions=_tuple(self.sessions),
            headers={} if self.headers is None else self.headers,
            give_up_after=MAX_GIVE_UP_AFTER_SECONDS if self.give_up_after is None else self.give_up_after,
            enabled=self.enabled,
        )

    def __repr__(self) -> str:  # A URL and headers may contain secrets.
        return "WebhookPatch(…)"


class ReplayRequest(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /webhooks/{webhook}/replay: one of them."""

    #: Delivers all events after this cursor again.
    after: str | msgspec.UnsetType = msgspec.UNSET
    #: Delivers all events since this moment again.
    since: Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    #: Tries each dead event once more.
    dead: bool = False

    def check(self) -> None:
        """Checks that one is given. Raises ValidationFailed."""
        given = [self.after is not msgspec.UNSET, self.since is not msgspec.UNSET, self.dead]
        if sum(given) != 1:
            rule = 'must be {"after": a cursor}, {"since": a moment} or {"dead": true}'
            raise ValidationFailed(rule, pointer="")

    def moment(self) -> int | None:
        """Returns `since` in milliseconds since 1970; None: it is absent. Raises ValidationFailed."""
        if isinstance(self.since, msgspec.UnsetType):
            return None
        try:
            moment = datetime.fromisoformat(self.since)
            if moment.tzinfo is not None:
                return (moment - EPOCH) // timedelta(milliseconds=1)
        except (ValueError, OverflowError):
            pass
        raise ValidationFailed(
            "must be a moment with its time zone, such as 2026-05-25T12:00:00Z", pointer="/since"
        )


class WebhookStatus(StrEnum):
    """How a webhook is doing."""

    ACTIVE = "active"
    FAILING = "failing"  # the last deliveries failed; Motte goes on trying
    DISABLED = "disabled"  # it answered 410, or a caller disabled it


class WebhookDocument(Document, frozen=True):
    """A webhook. Its secret is shown only when it is made."""

    id: str
    url: str
    types: list[str] | None
    sessions: list[str] | None
    header_names: Annotated[list[str], msgspec.Meta(description="their values are not shown")]
    give_up_after: int
    status: WebhookStatus
    reason: Annotated[str | None, msgspec.Meta(description="why it is failing or disabled")]
    failing_since: Timestamp | None
    old_secret_until: Annotated[
        Timestamp | None, msgspec.Meta(description="until when the secret before the last rotation signs too")
    ]
    created_at: Timestamp


class WebhookWithSecret(WebhookDocument, frozen=True):
    """A webhook with its secret, which is shown this once."""

    secret: Annotated[str, msgspec.Meta(description="`whsec_…`: it verifies the signatures")]


def webhook_document(webhook: Webhook, now: int) -> WebhookDocument:
    """Returns the webhook as responses show it. now: milliseconds since 1970."""
    return WebhookDocument(**_members(webhook, now))


def webhook_with_secret(webhook: Webhook, now: int) -> WebhookWithSecret:
    """Returns the webhook with its secret."""
    return WebhookWithSecret(**_members(webhook, now), secret=webhook.secret)


def _members(webhook: Webhook, now: int) -> dict[str, Any]:
    status = WebhookStatus.ACTIVE
    if webhook.disabled is not None:
        status = WebhookStatus.DISABLED
    elif webhook.failing_since is not None:
        status = WebhookStatus.FAILING
    has_old = webhook.old_until is not None and webhook.old_until > now
    return {
        "id": webhook.id,
        "url": webhook.url,
        "types": None if webhook.types is None else list(webhook.types),
        "sessions": None if webhook.sessions is None else list(webhook.sessions),
        "header_names": list(webhook.headers),
        "give_up_after": webhook.give_up_after,
        "status": status,
        "reason": webhook.disabled or webhook.failure,
        "failing_since": _moment(webhook.failing_since),
        "old_secret_until": _moment(webhook.old_until) if has_old else None,
        "created_at": iso(webhook.created_at),
    }


def _moment(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)


def _tuple(
    words: Sequence[str] | msgspec.UnsetType | None,
) -> tuple[str, ...] | msgspec.UnsetType | None:
    if words is None or isinstance(words, msgspec.UnsetType):
        return words
    return tuple(dict.fromkeys(str(word) for word in words))
