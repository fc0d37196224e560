"""The end of messages that were kept long enough."""

import asyncio

from server.clock import Clock
from store.messages import Messages

#: Seconds between two looks.
PERIOD = 600.0


class Retention:
    """Forgets messages, so that the record does not grow for ever."""

    def __init__(self, messages: Messages, clock: Clock, *, keep: float) -> None:
        """keep: seconds."""
        self._messages = messages
        self._clock = clock
        self._keep = round(keep * 1000)

    async def run(self) -> None:
        """Forget what is too old, now and every ten minutes. Raises StoreError."""
        while True:
            await self.forget()
            await asyncio.sleep(PERIOD)

    async def forget(self) -> None:
        """Forget what is too old, in steps between which others can write. Raises StoreError."""
        while await self._messages.forget(self._clock.wall() - self._keep):
            pass
