"""Deletes messages after their retention time."""

import asyncio

from server.core.clock import Clock
from store.ports import MessageStore

#: Interval between two sweeps.
SWEEP_SECONDS = 600.0


class Retention:
    """Deletes old messages, so that the database does not grow for ever."""

    def __init__(self, messages: MessageStore, clock: Clock, *, keep: float) -> None:
        """keep: seconds."""
        self._messages = messages
        self._clock = clock
        self._keep = round(keep * 1000)
        #: Messages stored before this moment were too old at the last sweep. Milliseconds since 1970.
        self._last_cutoff = 0

    async def run(self) -> None:
        """Deletes old messages now and every ten minutes. Raises StoreError."""
        while True:
            await self.forget()
            await asyncio.sleep(SWEEP_SECONDS)

    async def forget(self) -> None:
        """Deletes messages that are too old now and at the last sweep, in steps: others can write in between.

        A clock that is ahead for a moment must not delete every message. Raises StoreError.
        """
        cutoff = self._clock.wall() - self._keep
        before, self._last_cutoff = min(cutoff, self._last_cutoff), cutoff
        while await self._messages.forget(before):
            pass
