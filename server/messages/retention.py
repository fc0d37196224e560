"""Deletes messages after their retention time."""

from collections.abc import Callable

from store.ports.messages import MessageStore


class Retention:
    """Deletes old messages, so that the database does not grow for ever."""

    def __init__(self, messages: MessageStore, now: Callable[[], int | None], *, keep: float) -> None:
        """now: milliseconds since 1970 that have passed for certain (CheckedClock). keep: seconds."""
        self._messages = messages
        self._now = now
        self._keep = round(keep * 1000)

    async def forget(self) -> None:
        """Deletes messages that are too old, in steps: others can write in between. Raises StoreError."""
        now = self._now()
        while now is not None and await self._messages.forget(now - self._keep):
            pass
