"""Sends events that no log keeps, such as `typing`, to webhooks that name their type: once each."""

import asyncio

from server.core.clock import Clock
from server.events.passing import PassingEvents
from server.webhooks.http_client import WebhookClient
from server.webhooks.once_sender import OnceSender, wants_once
from store.ports.webhooks import WebhookStore
from store.records.webhooks import Webhook

#: Seconds for which the webhooks that were read count: many events may come in one.
READ_SECONDS = 1.0


class PassingSender:
    """Runs in the front that leads: the one that connectors talk to."""

    def __init__(
        self, webhooks: WebhookStore, clock: Clock, client: WebhookClient, passing: PassingEvents
    ) -> None:
        self._webhooks = webhooks
        self._passing = passing
        self._sender = OnceSender(webhooks, clock, client)
        self._known: list[Webhook] = []
        #: When they are read again, by the clock of the event loop.
        self._read_at = 0.0

    async def run(self) -> None:
        """Sends each event from now on. Raises StoreError."""
        try:
            with self._passing.followed(None) as events:
                while True:
                    event = await events.next()
                    wanted = [
                        one for one in await self._all() if wants_once(one, event.type, event.session_id)
                    ]
                    self._sender.send(wanted, event.id, event.body)
        finally:
            await self._sender.close()

    async def _all(self) -> list[Webhook]:
        now = asyncio.get_running_loop().time()
        if now >= self._read_at:
            self._known = await self._webhooks.all()
            self._sender.forget_others(self._known)
            self._read_at = now + READ_SECONDS
        return self._known
