"""When lanes try: now, after a pause, or as the probe of a webhook that is down."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from server.core.clock import Clock
from server.core.log_events import log_event
from server.webhooks.lane_work import LaneWork
from server.webhooks.progress_writer import ProgressWriter
from server.webhooks.schedule import DELAYS_SECONDS, JITTER, delay
from server.webhooks.slots import Slots
from server.webhooks.target import OpenLane, Target
from store.errors import StoreError

log = logging.getLogger(__name__)

#: Seconds until a lane that met an error of the store goes on.
STORE_SECONDS = 1.0

#: Seconds. A lane that waits longer for its next try waits for a clock that was set back.
MAX_WAIT_SECONDS = DELAYS_SECONDS[-1] * (1 + JITTER)


class LaneScheduler:
    """Runs the lanes of all webhooks that may try, as long as slots are free."""

    def __init__(
        self, clock: Clock, work: LaneWork, writer: ProgressWriter, *, on_readable: Callable[[], None]
    ) -> None:
        """on_readable: called when no lane of a webhook works any more that a caller has changed."""
        self._clock = clock
        self._work = work
        self._writer = writer
        self._on_readable = on_readable
        self._slots = Slots()

    def note(self, target: Target, session_id: str, number: int) -> None:
        """Notes the newest event of a session. A lane that waits after a failure goes on waiting."""
        lane = target.lane(session_id)
        lane.newest = max(lane.newest, number)
        if lane.timer is not None:
            return
        wait = min(
            (lane.stored.next_at - self._clock.wall()) / 1000 if lane.stored.tries else 0.0, MAX_WAIT_SECONDS
        )
        if wait > 0 and not lane.is_busy and not lane.replays:
            self._resume_after(target, lane, wait)
        else:
            self._resume(target, lane)

    def start(self) -> None:
        """Gives every free slot to a lane that may try."""
        while not self._writer.is_full and (taken := self._slots.take()) is not None:
            target, lane = taken
            task = asyncio.get_running_loop().create_task(self._run(target, lane), name="webhook delivery")
            target.tasks.add(task)
            task.add_done_callback(partial(self._ended, target, lane))

    def drop(self, target: Target) -> None:
        """Ends all that goes on for a webhook."""
        self._slots.forget([target])
        target.close()

    def _resume_after(self, target: Target, lane: OpenLane, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        lane.stop_timer()
        lane.timer = loop.call_later(seconds, self._resume_and_start, target, lane)

    def _resume_and_start(self, target: Target, lane: OpenLane) -> None:
        self._resume(target, lane)
        self.start()

    def _resume(self, target: Target, lane: OpenLane) -> None:
        if target.add_ready(lane):
            self._slots.want(target)

    async def _run(self, target: Target, lane: OpenLane) -> None:
        """Handles the next events of a lane, and decides when the lane goes on."""
        was_down = target.is_down
        try:
            wait = await self._work.step(target, lane)
        except StoreError as error:
            log_event(log.warning, "webhook_waits_for_store", webhook=target.webhook.id, error=error)
            wait = STORE_SECONDS
        if target.is_stale:
            return
        if wait is not None:
            self._resume_after(target, lane, wait)
        if target.is_down:
            self._probe_later(target, wait or 0.0, was_probe=was_down)
        elif was_down:
            self._free(target)

    def _ended(self, target: Target, lane: OpenLane, task: asyncio.Task[None]) -> None:
        target.tasks.discard(task)
        self._slots.give_back(target, lane)
        if not task.cancelled() and (error := task.exception()) is not None:
            log_event(log.error, "webhook_delivery_failed", webhook=target.webhook.id, error=repr(error))
            self._resume_after(target, lane, STORE_SECONDS)
        if lane.timer is None:
            self._resume(target, lane)
        if target.is_stale and not target.working:
            self._on_readable()
        self.start()

    def _probe_later(self, target: Target, seconds: float, *, was_probe: bool) -> None:
        """Lets one lane of a webhook that is down try, after some time, which grows with each failed probe.

        seconds: the least time. was_probe: else the lane began before the webhook was down.
        """
        target.probes += was_probe
        if target.probe_timer is None:
            wait = max(seconds, delay(target.probes + 1))
            target.probe_timer = asyncio.get_running_loop().call_later(wait, self._probe, target)

    def _probe(self, target: Target) -> None:
        target.probe_timer = None
        target.may_probe = True
        self._slots.want(target)
        self.start()

    def _free(self, target: Target) -> None:
        """Lets every lane of a webhook that is up again go on, but those whose events it refused."""
        target.probes = 0
        if target.probe_timer is not None:
            target.probe_timer.cancel()
            target.probe_timer = None
        for lane in target.lanes.values():
            if not lane.is_refused:
                lane.stop_timer()
            if lane.timer is None:
                self._resume(target, lane)
        if target.ready:
            self._slots.want(target)
