"""Sends events to webhooks that name their type: once each, without retries, and in no log of deliveries."""

import asyncio
import logging
from dataclasses import dataclass

from server.core.clock import Clock
from server.core.log_events import log_event
from server.webhooks.http_client import WebhookClient
from server.webhooks.schedule import Attempt, delay
from server.webhooks.signatures import signed_headers
from server.webhooks.target import FAILING_AFTER
from server.webhooks.types import ONCE
from store.errors import StoreError
from store.ports.webhooks import WebhookStore
from store.records.webhooks import Webhook

log = logging.getLogger(__name__)

#: Requests on their way at the same time. A webhook that gets none then misses the event.
MAX_AT_ONCE = 16

#: Those of them that go to one webhook: no webhook that never answers takes the turns of the others.
MAX_OF_ONE = 4

#: Seconds. A webhook that failed three times in a row gets nothing for a while, which grows to this.
MAX_WAIT_SECONDS = 600.0


@dataclass(slots=True)
class _Known:
    """What is known of a webhook that got an event."""

    url: str
    #: Requests on their way.
    sending: int = 0
    #: Failures in a row.
    failures: int = 0
    #: Nothing is sent before this time of the event loop.
    waits_until: float = 0.0

    @property
    def most(self) -> int:
        return 1 if self.failures else MAX_OF_ONE


class OnceSender:
    """Requests of one kind of event, which nobody waits for."""

    def __init__(self, webhooks: WebhookStore, clock: Clock, client: WebhookClient) -> None:
        self._webhooks = webhooks
        self._clock = clock
        self._client = client
        self._sending: set[asyncio.Task[None]] = set()
        self._known: dict[str, _Known] = {}

    def send(self, webhooks: list[Webhook], event_id: str, body: bytes) -> None:
        """Begins to send an event, and returns at once. body: its envelope."""
        now, loop = self._clock.wall(), asyncio.get_running_loop()
        for webhook in webhooks:
            if len(self._sending) >= MAX_AT_ONCE:
                return
            known = self._known.get(webhook.id)
            if known is None or known.url != webhook.url:
                known = self._known[webhook.id] = _Known(webhook.url)
            if known.sending >= known.most or known.waits_until > loop.time():
                continue
            headers = signed_headers(event_id, now // 1000, body, webhook.secrets(now))
            known.sending += 1
            task = loop.create_task(self._post(webhook, known, body, headers))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def forget_others(self, webhooks: list[Webhook]) -> None:
        """Forgets webhooks that are gone. webhooks: those that there are."""
        for webhook_id in self._known.keys() - {webhook.id for webhook in webhooks}:
            del self._known[webhook_id]

    async def close(self) -> None:
        """Ends all requests."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _post(self, webhook: Webhook, known: _Known, body: bytes, headers: dict[str, str]) -> None:
        try:
            attempt = await self._client.post(webhook.url, body, {**webhook.headers, **headers})
        finally:
            known.sending -= 1
        if attempt.is_refusal:  # it works, but does not want this event
            return
        known.failures = 0 if attempt.is_delivered else known.failures + 1
        is_failing = known.failures >= FAILING_AFTER
        if is_failing:
            wait = min(delay(known.failures - FAILING_AFTER + 1), MAX_WAIT_SECONDS)
            known.waits_until = asyncio.get_running_loop().time() + wait
        is_known = is_failing == (webhook.failing_since is not None)
        if has_only_once(webhook) and (is_failing or attempt.is_delivered) and not is_known:
            await self._show(webhook, attempt)

    async def _show(self, webhook: Webhook, attempt: Attempt) -> None:
        """Shows callers whether a webhook fails of which the deliverer knows nothing.

        If the database cannot be written, the next request does.
        """
        since = None if attempt.is_delivered else self._clock.wall()
        try:
            is_new = await self._webhooks.show_failing(webhook, since, attempt.error)
        except StoreError as error:
            log_event(log.warning, "webhook_waits_for_store", webhook=webhook.id, error=error)
            return
        if is_new and since is None:
            log_event(log.info, "webhook_works_again", webhook=webhook.id)
        elif is_new:
            log_event(log.warning, "webhook_fails", webhook=webhook.id, error=attempt.error)


def wants_once(webhook: Webhook, kind: str, session_id: str) -> bool:
    """Whether a webhook gets an event.

    One that fails gets none until the deliverer says that it works again: it would take turns of others.
    """
    return (
        webhook.types is not None
        and kind in webhook.types
        and webhook.wants(session_id)
        and webhook.disabled is None
        and (webhook.failing_since is None or has_only_once(webhook))
    )


def has_only_once(webhook: Webhook) -> bool:
    """Whether the webhook gets no event of the log, so that the deliverer never learns whether it works."""
    return webhook.types is not None and {*webhook.types} <= ONCE
