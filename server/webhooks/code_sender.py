"""Sends codes to webhooks that name `session.qr`: once each, without retries, and without a trace of them."""

from collections.abc import AsyncIterator
from secrets import token_hex

import msgspec

from server.core.clock import Clock
from server.documents.session import session_document
from server.domain.expiry import Expiry
from server.events.envelope import envelope_of
from server.webhooks.http_client import WebhookClient
from server.webhooks.once_sender import OnceSender, wants_once
from server.webhooks.types import WebhookType
from store.ports.webhooks import WebhookStore
from store.records.sessions import Session


class CodeSender:
    """Runs in the front that leads. A code is a secret: no log of deliveries and no line of a log has it.

    A webhook that misses a code sees the next one: codes are replaced within a minute.
    """

    def __init__(self, webhooks: WebhookStore, clock: Clock, expiry: Expiry, client: WebhookClient) -> None:
        self._webhooks = webhooks
        self._clock = clock
        self._expiry = expiry
        self._sender = OnceSender(webhooks, clock, client)

    async def run(self, sessions: AsyncIterator[Session]) -> None:
        """Sends the code of each session. sessions: each with a new code. Raises StoreError."""
        try:
            async for session in sessions:
                if self._expiry.live(session) is not None:
                    await self._send(session)
        finally:
            await self._sender.close()

    async def _send(self, session: Session) -> None:
        kind = WebhookType.SESSION_QR
        webhooks = await self._webhooks.all()
        self._sender.forget_others(webhooks)
        wanted = [one for one in webhooks if wants_once(one, kind, session.id)]
        if not wanted:
            return
        event_id = f"evt_{token_hex(10)}"
        body = envelope_of(
            event_id=event_id,
            kind=kind,
            at=self._clock.wall(),
            session_id=session.id,
            cursor=None,
            data=msgspec.json.encode(session_document(session, self._expiry)),
        )
        self._sender.send(wanted, event_id, body)
