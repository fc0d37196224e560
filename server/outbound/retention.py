"""Forgets what sending leaves behind: idempotency keys, and chats beyond the bound of a session."""

from collections.abc import Callable

from server.outbound.idempotency import KEPT_SECONDS
from store.ports.outbox import OutboxStore

#: Chats of one session, and contacts of it, that are remembered. A chat with a number and a LID counts twice.
MAX_CONTACTS = 100_000


class OutboundRetention:
    """Deletes old rows, so that the database does not grow for ever."""

    def __init__(self, outbox: OutboxStore, now: Callable[[], int | None]) -> None:
        """now: milliseconds since 1970 that have passed for certain (CheckedClock)."""
        self._outbox = outbox
        self._now = now

    async def forget(self) -> None:
        """Deletes keys a day after their messages ended, and what exceeds the bound. Raises StoreError."""
        now = self._now()
        if now is not None:
            await self._outbox.forget_keys(now - KEPT_SECONDS * 1000)
        await self._outbox.forget_contacts(MAX_CONTACTS)
