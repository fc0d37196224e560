"""What callers do with webhooks. A key that is bound to sessions sees only webhooks of those."""

import secrets
from dataclasses import dataclass, replace

import msgspec

from server.auth.api_keys import Scope, may
from server.core.clock import Clock
from server.core.errors import CursorExpired, Forbidden, NoSuchWebhook, ValidationFailed, WebhooksFull
from server.events.bell import EventBell
from server.events.envelope import envelope_of
from server.webhooks.access import maker_of, may_see
from server.webhooks.http_client import PrivateAddress, WebhookClient
from server.webhooks.rules import check_headers, check_headers_of, check_url, sessions_for
from server.webhooks.schedule import MAX_GIVE_UP_AFTER_SECONDS, Attempt
from server.webhooks.signatures import new_secret, signed_headers
from server.webhooks.types import OF_CODES, TEST
from store.errors import TooManyWebhooks
from store.ports import EventLog
from store.records import Key
from store.webhook_port import WebhookStore
from store.webhook_records import Progress, Try, Webhook

#: Webhooks of this host.
MAX_WEBHOOKS = 1000

#: Milliseconds for which the secret before a rotation signs as well.
OLD_SECRET_MS = 24 * 3600 * 1000

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


class Webhooks:
    """Webhooks as callers see them, in any front: the one that leads delivers."""

    def __init__(
        self,
        store: WebhookStore,
        events: EventLog,
        clock: Clock,
        client: WebhookClient,
        changes: EventBell,
    ) -> None:
        """changes: rung after each change of a webhook."""
        self._store = store
        self._events = events
        self._clock = clock
        self._client = client
        self._changes = changes

    async def create(self, key: Key, fields: WebhookFields) -> Webhook:
        """Returns a new webhook. Raises ValidationFailed, Forbidden, WebhooksFull."""
        made = await self._changed(
            key,
            Webhook(
                id=f"wh_{secrets.token_hex(10)}",
                url="",
                sessions=key.sessions,
                maker=maker_of(key),
                secret=new_secret(),
                give_up_after=MAX_GIVE_UP_AFTER_SECONDS,
                created_at=self._clock.wall(),
            ),
            fields,
        )
        try:
            stored = await self._store.add(made, most=MAX_WEBHOOKS)
        except TooManyWebhooks:
            raise WebhooksFull from None
        self._changes.ring()
        return stored

    async def all(self, key: Key) -> list[Webhook]:
        """Returns the webhooks that the key sees, the oldest first."""
        webhooks = await self._store.all()
        if key.sessions is None:
            return webhooks
        floors = await self._floors(key)
        return [webhook for webhook in webhooks if may_see(key, webhook, floors)]

    async def get(self, key: Key, webhook_id: str) -> Webhook:
        """Returns a webhook. Raises NoSuchWebhook."""
        found = await self._store.get(webhook_id)
        if found is None or not may_see(key, found, await self._floors(key)):
            raise NoSuchWebhook(f"there is no webhook {webhook_id}")
        return found

    async def change(self, key: Key, webhook_id: str, fields: WebhookFields) -> Webhook:
        """Changes a webhook; returns it. Raises NoSuchWebhook, ValidationFailed, Forbidden."""
        before = await self.get(key, webhook_id)
        wanted = await self._changed(key, before, fields)
        return await self._store_change(
            webhook_id,
            replace(
                wanted,
                failing_since=None if wanted.url != before.url else before.failing_since,
            ),
            before,
        )

    async def delete(self, key: Key, webhook_id: str) -> None:
        """Deletes a webhook with its secret, its place and its dead letters. Raises NoSuchWebhook."""
        await self.get(key, webhook_id)
        await self._store.delete(webhook_id)
        self._changes.ring()

    async def rotate(self, key: Key, webhook_id: str) -> Webhook:
        """Gives a webhook another secret; the old one signs for a day as well. Raises NoSuchWebhook."""
        before = await self.get(key, webhook_id)
        return await self._store_change(
            webhook_id,
            replace(
                before,
                secret=new_secret(),
                old_secret=before.secret,
                old_until=self._clock.wall() + OLD_SECRET_MS,
            ),
            before,
        )

    async def test(self, key: Key, webhook_id: str) -> Attempt:
        """Sends an event of the type `webhook.test`, once. Raises NoSuchWebhook."""
        webhook = await self.get(key, webhook_id)
        now = self._clock.wall()
        event_id = f"evt_{secrets.token_hex(10)}"
        body = envelope_of(
            event_id=event_id,
            kind=TEST,
            at=now,
            session_id=None,
            cursor=None,
            data=msgspec.json.encode({"webhookId": webhook.id}),
        )
        headers = signed_headers(event_id, now // 1000, body, webhook.secrets(now))
        attempt = await self._client.post(webhook.url, body, {**webhook.headers, **headers})
        tried = Try(
            webhook_id=webhook.id,
            event_id=event_id,
            type=TEST,
            session_id=None,
            ordinal=1,
            at=now,
            took=round(attempt.seconds * 1000),
            status=attempt.status,
            error=attempt.error,
        )
        await self._store.keep(Progress(tries=[tried]))
        return attempt

    async def replay_after(self, key: Key, webhook_id: str, cursor: str) -> None:
        """Delivers all events after a cursor again. Raises NoSuchWebhook, CursorExpired."""
        await self.get(key, webhook_id)
        number = await self._events.number(cursor)
        if number is None:
            raise CursorExpired
        await self._store.replay(webhook_id, after=number, now=self._clock.wall())
        self._changes.ring()

    async def replay_since(self, key: Key, webhook_id: str, at: int) -> None:
        """Delivers all events since a moment again. at: milliseconds since 1970. Raises NoSuchWebhook."""
        await self.get(key, webhook_id)
        after = await self._events.before(at)
        await self._store.replay(webhook_id, after=after, now=self._clock.wall())
        self._changes.ring()

    async def replay_dead(self, key: Key, webhook_id: str) -> int:
        """Tries each dead letter once more; returns their number. Raises NoSuchWebhook."""
        await self.get(key, webhook_id)
        number = await self._store.replay_dead(webhook_id)
        self._changes.ring()
        return number

    async def _floors(self, key: Key) -> dict[str, int]:
        """Returns the number behind which the key reads events of each session that it is bound to."""
        return {} if key.sessions is None else await self._events.floors(key.sessions, key.first_event)

    async def _changed(self, key: Key, webhook: Webhook, fields: WebhookFields) -> Webhook:
        """Returns the webhook with what the caller sets. Raises ValidationFailed, Forbidden."""
        if fields.url is not msgspec.UNSET:
            check_url(fields.url)
            if (private := await self._client.private_address(fields.url)) is not None:
                raise ValidationFailed(f"is refused: {PrivateAddress(private)}", pointer="/url")
            check_headers_of(webhook, fields.url, are_given=fields.headers is not msgspec.UNSET)
            webhook = replace(webhook, url=fields.url)
        if fields.types is not msgspec.UNSET:
            webhook = replace(webhook, types=fields.types)
        if fields.sessions is not msgspec.UNSET:
            webhook = replace(webhook, sessions=sessions_for(key, fields.sessions))
        if fields.headers is not msgspec.UNSET:
            check_headers(fields.headers)
            webhook = replace(webhook, headers=fields.headers)
        if fields.give_up_after is not msgspec.UNSET:
            webhook = replace(webhook, give_up_after=fields.give_up_after)
        if fields.enabled is not msgspec.UNSET:
            webhook = replace(webhook, disabled=None if fields.enabled else webhook.disabled or BY_CALLER)
        _check_codes(key, webhook)
        if key.sessions is not None or fields.sessions is not msgspec.UNSET:
            webhook = replace(webhook, maker=maker_of(key))
        return webhook

    async def _store_change(self, webhook_id: str, wanted: Webhook, before: Webhook) -> Webhook:
        """Stores the fields that differ: the deliverer may have changed others meanwhile."""
        names = [
            name for name in Webhook.__dataclass_fields__ if getattr(wanted, name) != getattr(before, name)
        ]
        changes = {name: getattr(wanted, name) for name in names}
        changed = await self._store.change(webhook_id, lambda webhook: replace(webhook, **changes))
        if changed is None:
            raise NoSuchWebhook(f"there is no webhook {webhook_id}")
        self._changes.ring()
        return changed


def _check_codes(key: Key, webhook: Webhook) -> None:
    """A code links an account: only a key that may read it sends it anywhere. Raises Forbidden."""
    named = OF_CODES & {*(webhook.types or ())}
    if named and not may(key, Scope.READ):
        raise Forbidden(
            f"the API key {key.name} lacks the scope {Scope.READ}, "
            f"which a webhook with {' and '.join(sorted(named))} needs"
        )
