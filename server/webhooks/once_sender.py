"""Sends events to webhooks that name their type: once each, without retries, and in no log of deliveries."""

import asyncio

from server.core.clock import Clock
from server.webhooks.http_client import WebhookClient
from server.webhooks.signatures import signed_headers
from store.webhook_records import Webhook

#: Requests on their way at the same time. A webhook that gets none then misses the event.
MAX_AT_ONCE = 16


class OnceSender:
    """Requests of one kind of event, which nobody waits for."""

    def __init__(self, clock: Clock, client: WebhookClient) -> None:
        self._clock = clock
        self._client = client
        self._sending: set[asyncio.Task[None]] = set()

    def send(self, webhooks: list[Webhook], event_id: str, body: bytes) -> None:
        """Begins to send an event, and returns at once. body: its envelope."""
        now = self._clock.wall()
        for webhook in webhooks[: MAX_AT_ONCE - len(self._sending)]:
            headers = signed_headers(event_id, now // 1000, body, webhook.secrets(now))
            task = asyncio.get_running_loop().create_task(self._post(webhook, body, headers))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """Ends all requests."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _post(self, webhook: Webhook, body: bytes, headers: dict[str, str]) -> None:
        await self._client.post(webhook.url, body, {**webhook.headers, **headers})


def wants_once(webhook: Webhook, kind: str, session_id: str) -> bool:
    """Whether a webhook gets an event. One that is failing gets none: it would keep the others waiting."""
    return (
        webhook.types is not None
        and kind in webhook.types
        and webhook.wants(session_id)
        and webhook.disabled is None
        and webhook.failing_since is None
    )
