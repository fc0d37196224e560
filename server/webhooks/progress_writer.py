"""Writes what the deliverer has done, many deliveries in one transaction."""

import asyncio
import logging
from collections.abc import Callable

from server.core.log_events import log_event
from store.errors import StoreError
from store.ports.webhooks import WebhookStore
from store.records.webhooks import DeadLetter, Lane, Progress, Try, Webhook

log = logging.getLogger(__name__)

#: Seconds between two writes. The first delivery after a pause is written at once; others wait for more.
GATHER_SECONDS = 0.1

#: Deliveries that are written at once, and that a kill of the process repeats at most.
MAX_GATHERED = 50

#: Seconds after which cursors are written that only passed over events: losing them costs some reading.
PASSED_SECONDS = 30.0

#: Seconds until a failed write is tried again.
RETRY_SECONDS = 1.0


class ProgressWriter:
    """Gathers progress. Each method but `flush` returns at once."""

    def __init__(self, store: WebhookStore, *, on_written: Callable[[], None]) -> None:
        """on_written: called after each write: what waited because of `is_full` may go on."""
        self._store = store
        self._on_written = on_written
        self._gathered = Progress()
        #: What is being written.
        self._writing = Progress()
        self._lock = asyncio.Lock()
        #: When the last write began, by the clock of the event loop.
        self._written_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no other delivery may begin."""
        return len(self._gathered) + len(self._writing) >= 2 * MAX_GATHERED

    def moved(self, lane: Lane, tried: Try | None = None) -> None:
        """Notes where a lane is after a try."""
        self._gathered.lanes[lane.webhook_id, lane.session_id] = lane
        self.tried(tried)

    def passed(self, lane: Lane) -> None:
        """Notes where a lane is that had nothing to deliver."""
        self._gathered.lanes[lane.webhook_id, lane.session_id] = lane
        self._write_within(PASSED_SECONDS)

    def died(self, letter: DeadLetter, *, lane: Lane, tried: Try | None = None) -> None:
        """Notes that an event was given up. lane: as it is then."""
        self._gathered.dead.append((letter, lane.version))
        self.moved(lane, tried)

    def failed_again(self, letter: DeadLetter, *, version: int, tried: Try) -> None:
        """Notes that one more try of a dead letter failed. version: of the webhook that was tried."""
        self._gathered.failed_again.append((letter, version))
        self.tried(tried)

    def arrived(self, letter: DeadLetter, tried: Try | None = None) -> None:
        """Notes that a dead letter was delivered after all."""
        self._gathered.arrived.append((letter.webhook_id, letter.event))
        self.tried(tried)

    def tried(self, tried: Try | None) -> None:
        """Notes a try in the log of deliveries."""
        if tried is not None:
            self._gathered.tries.append(tried)
        self._write_soon()

    def shown(self, webhook: Webhook) -> None:
        """Notes what callers see of the failures of a webhook."""
        self._gathered.shown[webhook.id] = webhook
        self._write_soon()

    async def flush(self) -> None:
        """Returns once all that was noted is on the disk. Raises StoreError."""
        async with self._lock:
            if not len(self._gathered):
                return
            self._written_at = asyncio.get_running_loop().time()
            self._writing, self._gathered = self._gathered, Progress()
            try:
                await asyncio.shield(self._store.keep(self._writing))
            except BaseException:
                self._gathered = _joined(self._writing, self._gathered)
                raise
            finally:
                self._writing = Progress()
        self._on_written()

    async def close(self) -> None:
        """Writes what is left, if the store can be used."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self.flush()
        except StoreError as error:
            log_event(log.warning, "webhook_progress_lost", deliveries=len(self._gathered), error=error)

    def _write_soon(self) -> None:
        pause = self._written_at + GATHER_SECONDS - asyncio.get_running_loop().time()
        self._write_within(0.0 if len(self._gathered) >= MAX_GATHERED else max(0.0, pause))

    def _write_within(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write(), name="webhook progress")
        else:
            self._write_within(GATHER_SECONDS)

    async def _write(self) -> None:
        try:
            await self.flush()
        except StoreError as error:
            log_event(log.warning, "webhook_progress_not_written", error=error)
            self._write_within(RETRY_SECONDS)


def _joined(earlier: Progress, later: Progress) -> Progress:
    return Progress(
        lanes=earlier.lanes | later.lanes,
        dead=earlier.dead + later.dead,
        failed_again=earlier.failed_again + later.failed_again,
        arrived=earlier.arrived + later.arrived,
        tries=earlier.tries + later.tries,
        shown=earlier.shown | later.shown,
    )
