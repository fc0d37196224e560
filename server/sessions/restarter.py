"""Keeps the connectors of paired sessions running, should one ever end as if it had nothing more to do."""

import asyncio
import logging

from server.connectors.pool import ConnectorPool
from server.core.errors import MotteError
from server.core.log_events import log_event
from server.domain.states import PAIRED
from store.errors import StoreError
from store.ports import SessionStore

log = logging.getLogger(__name__)

#: Seconds between the end and the start, so that one that ends at once makes no hot loop.
RESTART_DELAY_SECONDS = 1.0


class Restarter:
    """Starts again what should run."""

    def __init__(self, *, record: SessionStore, connectors: ConnectorPool) -> None:
        self._record = record
        self._connectors = connectors
        self._tasks: set[asyncio.Task[None]] = set()

    def note_end(self, session_id: str) -> None:
        """A connector has ended by itself, or its pipes are gone."""
        task = asyncio.create_task(self._start_again(session_id), name=f"upkeep {session_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Start nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start_again(self, session_id: str) -> None:
        is_up = False
        while not is_up:
            await asyncio.sleep(RESTART_DELAY_SECONDS)
            try:
                is_up = await self._started(session_id)
            except (MotteError, StoreError, OSError) as error:
                log_event(log.error, "not_started", session=session_id, error=error)

    async def _started(self, session_id: str) -> bool:
        async with self._connectors.hold(session_id):
            session = await self._record.get(session_id)
            if session is None or session.status not in PAIRED:
                return True
            has_no_pipes = self._connectors.has_no_pipes(session_id)
            if has_no_pipes or session_id not in await self._connectors.running():
                log_event(log.warning, "started_again", session=session_id, status=session.status)
                await self._connectors.wake(session_id)
        return True
