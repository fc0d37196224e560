"""The port of the requests that followers queue for the leader."""

from typing import Protocol

from store.records.request_queue import QueuedRequest


class RequestQueue(Protocol):
    """What fronts that do not lead ask of the one that does.

    until, now: boot clock, seconds. argument, answer: JSON.
    """

    async def add(self, session_id: str, verb: str, argument: str, *, until: float) -> int:
        """The number of the request, which no request before it had.

        The leader may still be at work for a front that is gone.
        """

    async def open(self, now: float) -> list[QueuedRequest]:
        """The requests without an answer that a front still waits for, the most urgent first."""

    async def answer(self, number: int, answer: str) -> bool:
        """Whether it was the first answer. A later one, of a former leader, changes nothing."""

    async def answered(self, number: int) -> str | None:
        """The answer, once there is one."""

    async def delete(self, number: int) -> None:
        """The front that asked has the answer, or waits no longer."""

    async def expired(self, now: float) -> list[str]:
        """The session of each request that no front waits for any longer."""

    async def sweep(self, now: float) -> None:
        """Forgets the requests that no front waits for any longer."""
