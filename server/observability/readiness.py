"""Readiness of the front: probes need no key, so they cost the disk the same however many there are."""

import asyncio
from copy import copy

from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import Clock
from server.core.errors import MotteError
from server.core.single_flight import SingleFlight
from store.errors import StoreError
from store.ports.store import Store

#: Seconds for which a successful check counts. A check writes to the disk.
READY_SECONDS = 5.0

#: Seconds for which a failed check counts: what was mended is soon seen.
FAILED_SECONDS = 1.0


class Readiness:
    """Checks the store and supervisord: once for all probes at the same time, and not again right after."""

    def __init__(self, store: Store, supervisor: SupervisorClient, clock: Clock) -> None:
        self._store = store
        self._supervisor = supervisor
        self._clock = clock
        self._checks: SingleFlight[MotteError | StoreError | None] = SingleFlight()
        #: Result of the last check; None: ready.
        self._error: MotteError | StoreError | None = None
        #: Boot clock: until then the result counts.
        self._until = 0.0

    async def check(self) -> None:
        """Returns if the front is ready. Raises StoreError, SupervisorUnavailable."""
        error = self._error
        if self._clock.boot() >= self._until:
            error = await asyncio.shield(self._checks.join("readiness", self._check))
        if error is not None:
            raise copy(error)  # Several probes may get it.

    async def close(self, error: MotteError) -> None:
        """Ends every check with this error, and those to come."""
        self._until = 0.0
        await self._checks.close(error)

    async def _check(self) -> MotteError | StoreError | None:
        self._error = await self._found()
        self._until = self._clock.boot() + (FAILED_SECONDS if self._error else READY_SECONDS)
        return self._error

    async def _found(self) -> MotteError | StoreError | None:
        try:
            await self._store.check()
            await self._supervisor.ping()
        except (MotteError, StoreError) as error:
            return error
        return None
