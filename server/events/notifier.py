"""Wakes tasks of this process, after each commit of events for one."""

import asyncio


class Notifier:
    """Wakes those that read the event log, or the webhooks.

    Another process may commit too, and notifies nobody here: readers ask the store for changes as well.
    """

    def __init__(self) -> None:
        #: How often it has notified.
        self.count = 0
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """Wakes everybody who waits."""
        self.count += 1
        notified, self._notified = self._notified, asyncio.Event()
        notified.set()

    async def wait(self, seen: int) -> int:
        """Returns `count`, once it is not `seen`: take it before reading the log, and nothing is missed."""
        while self.count == seen:
            await self._notified.wait()
        return self.count
