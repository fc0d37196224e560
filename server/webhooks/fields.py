"""What a caller sets on a webhook, and what the webhook becomes of that: a pure function."""

from dataclasses import dataclass, replace

import msgspec

from server.auth.api_keys import Scope, may
from server.core.errors import Forbidden
from server.webhooks.access import maker_of
from server.webhooks.rules import check_headers_of, sessions_for
from server.webhooks.types import OF_CODES
from store.records.keys import Key
from store.records.webhooks import Webhook

BY_CALLER = "a caller disabled it"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFields:
    """What a caller sets. UNSET: as it is, or the default."""

    url: str | msgspec.UnsetType = msgspec.UNSET
    types: tuple[str, ...] | msgspec.UnsetType | None = msgspec.UNSET
    sessions: tuple[str, ...] | msgspec.UnsetType | None = msgspec.UNSET
    headers: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    give_up_after: int | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


def changed(key: Key, webhook: Webhook, fields: WebhookFields) -> Webhook:
    """Returns the webhook with what the caller sets. Raises ValidationFailed, Forbidden.

    It runs in the transaction that stores the webhook. Another caller may have changed it since this one read
    it, and the two changes together may be one that neither of them may make.
    """
    before = webhook
    if fields.url is not msgspec.UNSET:
        check_headers_of(webhook, fields.url, are_given=fields.headers is not msgspec.UNSET)
        webhook = replace(webhook, url=fields.url)
    if fields.types is not msgspec.UNSET:
        webhook = replace(webhook, types=fields.types)
    if fields.sessions is not msgspec.UNSET:
        webhook = replace(webhook, sessions=sessions_for(key, fields.sessions))
    if fields.headers is not msgspec.UNSET:
        webhook = replace(webhook, headers=fields.headers)
    if fields.give_up_after is not msgspec.UNSET:
        webhook = replace(webhook, give_up_after=fields.give_up_after)
    if fields.enabled is not msgspec.UNSET:
        webhook = replace(webhook, disabled=None if fields.enabled else webhook.disabled or BY_CALLER)
    _check_codes(key, webhook)
    if key.sessions is not None or fields.sessions is not msgspec.UNSET:
        webhook = replace(webhook, maker=maker_of(key))
    if webhook.url != before.url:
        webhook = replace(webhook, failing_since=None, failure=None)
    return webhook


def _check_codes(key: Key, webhook: Webhook) -> None:
    """A code links an account: only a key that may read it sends it anywhere. Raises Forbidden."""
    named = OF_CODES & {*(webhook.types or ())}
    if named and not may(key, Scope.READ):
        raise Forbidden(
            f"the API key {key.name} lacks the scope {Scope.READ}, "
            f"which a webhook with {' and '.join(sorted(named))} needs"
        )
