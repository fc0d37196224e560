"""The end of messages that were kept long enough."""

import asyncio

from server.core.clock import Clock
from store.ports import MessageStore

#: Seconds between two looks.
SWEEP_SECONDS = 600.0


class Retention:
    """Forgets messages, so that the record does not grow for ever."""

    def __init__(self, messages: MessageStore, clock: Clock, *, keep: float) -> None:
        """keep: seconds."""
        self._messages = messages
        self._clock = clock
        self._keep = round(keep * 1000)
        #: What was stored before that moment was too old at the last look. Milliseconds since 1970.
        self._last_cutoff = 0

    async def run(self) -> None:
        """Forget what is too old, now and every ten minutes. Raises StoreError."""
        while True:
            await self.forget()
            await asyncio.sleep(SWEEP_SECONDS)

    async def forget(self) -> None:
        """Forgets what is too old now and was so at the last look, in steps between which others can write.

        Both, since a clock that is ahead for a moment must not cost every message. Raises StoreError.
        """
        cutoff = self._clock.wall() - self._keep
        before, self._last_cutoff = min(cutoff, self._last_cutoff), cutoff
        while await self._messages.forget(before):
            pass
