"""What callers do with webhooks. A key that is bound to sessions sees only webhooks of those."""

import secrets
from collections.abc import Callable
from dataclasses import replace

import msgspec

from server.core.clock import Clock
from server.core.errors import CursorExpired, NoSuchWebhook, ValidationFailed, WebhooksFull
from server.events.envelope import envelope_of
from server.events.notifier import Notifier
from server.webhooks.access import may_see
from server.webhooks.fields import WebhookFields, changed
from server.webhooks.http_client import PrivateAddress, WebhookClient
from server.webhooks.rules import check_headers, check_url
from server.webhooks.schedule import MAX_GIVE_UP_AFTER_SECONDS, Attempt
from server.webhooks.share import Share
from server.webhooks.signatures import new_secret, signed_headers
from server.webhooks.tests_at_once import TestsAtOnce
from server.webhooks.types import TEST
from store.errors import TooManyWebhooks
from store.ports.events import EventLog
from store.ports.webhooks import WebhookStore
from store.records.keys import Key
from store.records.webhooks import Progress, Try, Webhook

#: Webhooks of this host.
MAX_WEBHOOKS = 1000

#: Milliseconds for which the secret before a rotation signs as well.
OLD_SECRET_MS = 24 * 3600 * 1000


class Webhooks:
    """Webhooks as callers see them, in any front: the one that leads delivers."""

    def __init__(
        self,
        store: WebhookStore,
        events: EventLog,
        clock: Clock,
        client: WebhookClient,
        changes: Notifier,
    ) -> None:
        """changes: notified after each change of a webhook."""
        self._store = store
        self._events = events
        self._clock = clock
        self._client = client
        self._changes = changes
        self._share = Share(store)
        self._tests = TestsAtOnce()

    async def create(self, key: Key, fields: WebhookFields) -> Webhook:
        """Returns a new webhook. Raises ValidationFailed, Forbidden, WebhooksFull."""
        await self._check(fields)
        made = changed(
            key,
            Webhook(
                id=f"wh_{secrets.token_hex(10)}",
                url="",
                sessions=key.sessions,
                secret=new_secret(),
                give_up_after=MAX_GIVE_UP_AFTER_SECONDS,
                created_at=self._clock.wall(),
            ),
            fields,
        )
        try:
            async with self._share.room(key):
                stored = await self._store.add(made, most=MAX_WEBHOOKS)
        except TooManyWebhooks:
            raise WebhooksFull from None
        self._changes.notify()
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
            raise _missing(webhook_id)
        return found

    async def change(self, key: Key, webhook_id: str, fields: WebhookFields) -> Webhook:
        """Changes a webhook; returns it. Raises NoSuchWebhook, ValidationFailed, Forbidden, WebhooksFull."""
        await self.get(key, webhook_id)
        await self._check(fields)
        async with self._share.room(key, changes=webhook_id):
            return await self._store_change(key, webhook_id, lambda webhook: changed(key, webhook, fields))

    async def delete(self, key: Key, webhook_id: str) -> None:
        """Deletes a webhook with its secret, its place and its dead letters. Raises NoSuchWebhook."""
        floors = await self._floors(key)
        if not await self._store.delete(webhook_id, only_if=lambda webhook: may_see(key, webhook, floors)):
            raise _missing(webhook_id)
        self._changes.notify()

    async def rotate(self, key: Key, webhook_id: str) -> Webhook:
        """Gives a webhook another secret; the old one signs for a day as well. Raises NoSuchWebhook."""
        secret, until = new_secret(), self._clock.wall() + OLD_SECRET_MS
        return await self._store_change(
            key,
            webhook_id,
            lambda webhook: replace(webhook, secret=secret, old_secret=webhook.secret, old_until=until),
        )

    async def test(self, key: Key, webhook_id: str) -> Attempt:
        """Sends an event of the type `webhook.test`, once. Raises NoSuchWebhook, RateLimited."""
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
        with self._tests.slot(key.name):
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
        self._changes.notify()

    async def replay_since(self, key: Key, webhook_id: str, at: int) -> None:
        """Delivers all events since a moment again. at: milliseconds since 1970. Raises NoSuchWebhook."""
        await self.get(key, webhook_id)
        after = await self._events.before(at)
        await self._store.replay(webhook_id, after=after, now=self._clock.wall())
        self._changes.notify()

    async def replay_dead(self, key: Key, webhook_id: str) -> int:
        """Tries each dead letter once more; returns their number. Raises NoSuchWebhook."""
        await self.get(key, webhook_id)
        number = await self._store.replay_dead(webhook_id)
        self._changes.notify()
        return number

    async def _floors(self, key: Key) -> dict[str, int]:
        """Returns the number behind which the key reads events of each session that it is bound to."""
        return {} if key.sessions is None else await self._events.floors(key.sessions, key.first_event)

    async def _check(self, fields: WebhookFields) -> None:
        """Checks what does not depend on the webhook. Raises ValidationFailed."""
        if fields.url is not msgspec.UNSET:
            check_url(fields.url)
            if (private := await self._client.private_address(fields.url)) is not None:
                raise ValidationFailed(f"is refused: {PrivateAddress(private)}", pointer="/url")
        if fields.headers is not msgspec.UNSET:
            check_headers(fields.headers)

    async def _store_change(self, key: Key, webhook_id: str, change: Callable[[Webhook], Webhook]) -> Webhook:
        """Stores what `change` makes of the webhook as it is then. Raises NoSuchWebhook."""
        floors = await self._floors(key)

        def change_if_seen(webhook: Webhook) -> Webhook:
            if not may_see(key, webhook, floors):
                raise _missing(webhook_id)
            return change(webhook)

        stored = await self._store.change(webhook_id, change_if_seen)
        if stored is None:
            raise _missing(webhook_id)
        self._changes.notify()
        return stored


def _missing(webhook_id: str) -> NoSuchWebhook:
    return NoSuchWebhook(f"there is no webhook {webhook_id}")
