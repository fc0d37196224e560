"""Refuses new sessions on a full host: one session too many would harm all others."""

from collections.abc import Awaitable, Callable

from server.core.errors import Overloaded
from server.core.free_memory import free_memory
from server.core.settings.model import Settings
from server.observability.connector_metrics import ConnectorMetrics, Full
from store.ports.sessions import SessionStore

MIB = 1024 * 1024

#: Memory that a process takes once it has loaded, measured: 54 MiB. It shows as free until then.
STARTING_BYTES = 64 * MIB

#: `Retry-After` in seconds: processes of sessions that are not linked end after some minutes.
RETRY_AFTER_SECONDS = 60.0


class Admission:
    """Decides whether there is room for another session, and for another process of one that is not paired.

    Paired sessions are always started.
    """

    def __init__(
        self,
        settings: Settings,
        sessions: SessionStore,
        metrics: ConnectorMetrics,
        *,
        starting: Callable[[], tuple[int, int]],
        give_up_spares: Callable[[], Awaitable[bool]],
        free: Callable[[], int | None] = free_memory,
    ) -> None:
        """starting: how many processes are loading, and how many wait to load. free: bytes; None: unknown.

        give_up_spares: stops the warm spares; returns whether there were any.
        """
        self.max_sessions = settings.max_sessions
        self._min_free = settings.min_free_memory * MIB
        self._sessions = sessions
        self._metrics = metrics
        self._starting = starting
        self._give_up_spares = give_up_spares
        self._free = free

    async def check_create(self) -> None:
        """Raises Overloaded if there are too many sessions, or too little memory for one more.

        Warm spares are given up before a session is refused for lack of memory.
        """
        if sum((await self._sessions.counts()).values()) >= self.max_sessions:
            raise self.too_many()
        if not self._has_memory(sum(self._starting())):
            await self._give_up_spares()
            self._check_memory(sum(self._starting()))

    def check_start(self) -> None:
        """Raises Overloaded if too little memory is free. The process has its turn: it counts as loading."""
        loading, _ = self._starting()
        self._check_memory(loading - 1)

    def check_another(self) -> None:
        """Raises Overloaded if too little memory is free for one more process, which has no turn yet."""
        loading, _ = self._starting()
        self._check_memory(loading)

    def too_many(self) -> Overloaded:
        """Returns the error of a create that would be one session too many."""
        self._metrics.refuse(Full.SESSIONS)
        return _overloaded(f"there may be no more sessions: MOTTE_MAX_SESSIONS is {self.max_sessions}")

    def _has_memory(self, others: int) -> bool:
        """others: processes that will take memory which shows as free now."""
        free = self._free() if self._min_free else None
        return free is None or free - others * STARTING_BYTES >= self._min_free

    def _check_memory(self, others: int) -> None:
        """others: as in `_has_memory`."""
        if self._has_memory(others):
            return
        self._metrics.refuse(Full.MEMORY)
        raise _overloaded(
            f"too little memory is free for another session: {(self._free() or 0) // MIB} MiB, {others} "
            f"other processes are starting, and MOTTE_MIN_FREE_MEMORY is {self._min_free // MIB}"
        )


def _overloaded(detail: str) -> Overloaded:
    return Overloaded(detail).with_retry_after(RETRY_AFTER_SECONDS)
