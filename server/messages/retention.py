"""Deletes messages after their retention time."""

import asyncio
from collections.abc import Callable

from store.ports.messages import MessageStore

#: Interval between two sweeps.
SWEEP_SECONDS = 600.0


class Retention:
    """Deletes old messages, so that the database does not grow for ever."""

    def __init__(self, messages: MessageStore, now: Callable[[], int | None], *, keep: float) -> None:
        """now: milliseconds since 1970 that have passed for certain (CheckedClock). keep: seconds."""
        self._messages = messages
        self._now = now
        self._keep = round(keep * 1000)

    async def run(self) -> None:
        """Deletes old messages now and every ten minutes. Raises StoreError."""
        while True:
            await self.forget()
            await asyncio.sleep(SWEEP_SECONDS)

    async def forget(self) -> None:
        """Deletes messages that are too old, in steps: others can write in between. Raises StoreError."""
        now = self._now()
        while now is not None and await self._messages.forget(now - self._keep):
            pass
