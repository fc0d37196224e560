"""The bell of this process: it rings after each commit of events."""

import asyncio


class EventBell:
    """Wakes those that read the event log, or the webhooks.

    Another process may commit too, and rings no bell here: readers ask the store for changes as well.
    """

    def __init__(self) -> None:
        #: How often it has rung.
        self.count = 0
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wakes everybody who waits."""
        self.count += 1
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def wait(self, seen: int) -> int:
        """Returns `count`, once it is not `seen`: take it before reading the log, and nothing is missed."""
        while self.count == seen:
            await self._rung.wait()
        return self.count
