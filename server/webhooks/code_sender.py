"""Sends codes to webhooks that name `session.qr`: once each, without retries, and without a trace of them."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import msgspec

from server.core.clock import Clock
from server.documents.session import session_document
from server.domain.expiry import Expiry
from server.events.envelope import envelope_of
from server.webhooks.http_client import WebhookClient
from server.webhooks.signatures import signed_headers
from server.webhooks.types import WebhookType
from store.records import Session
from store.webhook_port import WebhookStore
from store.webhook_records import Webhook

#: Codes on their way at the same time. A webhook that gets none then sees the next one: codes are replaced
#: within a minute.
MAX_AT_ONCE = 16


class CodeSender:
    """Runs in the front that leads. A code is a secret: no log of deliveries and no line of a log has it."""

    def __init__(self, webhooks: WebhookStore, clock: Clock, expiry: Expiry, client: WebhookClient) -> None:
        self._webhooks = webhooks
        self._clock = clock
        self._expiry = expiry
        self._client = client
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self, sessions: AsyncIterator[Session]) -> None:
        """Sends the code of each session. sessions: each with a new code. Raises StoreError."""
        try:
            async for session in sessions:
                if self._expiry.live(session) is not None:
                    await self._send(session)
        finally:
            for task in self._sending:
                task.cancel()
            await asyncio.gather(*self._sending, return_exceptions=True)

    async def _send(self, session: Session) -> None:
        wanted = [webhook for webhook in await self._webhooks.all() if _wants(webhook, session.id)]
        if not wanted:
            return
        event_id, now = f"evt_{secrets.token_hex(10)}", self._clock.wall()
        body = envelope_of(
            event_id=event_id,
            kind=WebhookType.SESSION_QR,
            at=now,
            session_id=session.id,
            cursor=None,
            data=msgspec.json.encode(session_document(session, self._expiry)),
        )
        for webhook in wanted[: MAX_AT_ONCE - len(self._sending)]:
            headers = signed_headers(event_id, now // 1000, body, webhook.secrets(now))
            task = asyncio.get_running_loop().create_task(self._post(webhook, body, headers))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _post(self, webhook: Webhook, body: bytes, headers: dict[str, str]) -> None:
        await self._client.post(webhook.url, body, {**webhook.headers, **headers})


def _wants(webhook: Webhook, session_id: str) -> bool:
    """Whether a webhook gets a code. One that is failing gets none: it would keep the others waiting."""
    return (
        webhook.types is not None
        and WebhookType.SESSION_QR in webhook.types
        and webhook.wants(session_id)
        and webhook.disabled is None
        and webhook.failing_since is None
    )
