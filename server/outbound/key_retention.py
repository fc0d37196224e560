"""Forgets idempotency keys a day after their messages have ended."""

import asyncio
from collections.abc import Callable

from server.outbound.idempotency import KEPT_SECONDS
from store.ports import OutboxStore

#: Interval between two sweeps.
SWEEP_SECONDS = 600.0


class KeyRetention:
    """Deletes old keys, so that the database does not grow for ever."""

    def __init__(self, outbox: OutboxStore, now: Callable[[], int | None]) -> None:
        """now: milliseconds since 1970 that have passed for certain (CheckedClock)."""
        self._outbox = outbox
        self._now = now

    async def run(self) -> None:
        """Deletes old keys now and every ten minutes. Raises StoreError."""
        while True:
            now = self._now()
            if now is not None:
                await self._outbox.forget_keys(now - KEPT_SECONDS * 1000)
            await asyncio.sleep(SWEEP_SECONDS)
