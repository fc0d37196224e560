"""Removes events from the log after their time."""

from collections.abc import Awaitable, Callable

from store.ports.events import EventLog

#: The longest time for which the log keeps an event that nobody still has to get.
KEPT_SECONDS = 86_400.0

#: How much longer it keeps an event that a webhook still has to get.
HELD_SECONDS = 86_400.0


async def nobody() -> int | None:
    """Holds no event."""
    return None


class EventRetention:
    """Removes old events, so that the database does not grow for ever."""

    def __init__(
        self,
        log: EventLog,
        now: Callable[[], int | None],
        *,
        keep: float,
        held_from: Callable[[], Awaitable[int | None]] = nobody,
    ) -> None:
        """now: milliseconds since 1970 that have passed for certain (CheckedClock).

        keep: seconds that messages are kept: their texts are in events, so no event is kept for longer,
        unless it is held.
        held_from: number of the first event that a webhook still has to get; None if all are delivered.
        """
        self._log = log
        self._now = now
        self._keep = round(min(keep, KEPT_SECONDS) * 1000)
        self._held_from = held_from

    async def forget(self) -> None:
        """Removes events that are too old, in steps: others can write in between. Raises StoreError."""
        now = self._now()
        if now is None:
            return
        below = await self._held_from()
        while await self._log.forget(now - self._keep, below=below):
            pass
        while await self._log.forget(now - self._keep - round(HELD_SECONDS * 1000)):
            pass
