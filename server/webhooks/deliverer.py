"""Delivers the event log to every webhook. It knows the store, a clock and an HTTP client, and no session."""

import asyncio
import logging
from dataclasses import replace

from server.core.clock import Clock
from server.core.log_events import log_event
from server.core.tasks import in_background
from server.events.notifier import Notifier
from server.webhooks.http_client import WebhookClient
from server.webhooks.lane_events import LaneEvents
from server.webhooks.lane_scheduler import STORE_SECONDS, LaneScheduler
from server.webhooks.lane_work import LaneWork
from server.webhooks.progress_writer import ProgressWriter
from server.webhooks.recent import MAX_BYTES, MAX_EVENTS, RecentEvents
from server.webhooks.report import Counts
from server.webhooks.target import MAX_REPLAYS, Target
from store.errors import StoreError
from store.ports.events import EventLog
from store.ports.webhooks import WebhookStore

log = logging.getLogger(__name__)

#: Seconds after which changes of other processes are looked for.
LOOK_SECONDS = 1.0

#: Seconds between two sweeps of what the event log has forgotten.
SWEEP_SECONDS = 600.0


class Deliverer:
    """One for each state folder.

    Each webhook gets each event at least once, in the order of its session.
    """

    def __init__(
        self,
        webhooks: WebhookStore,
        events: EventLog,
        clock: Clock,
        client: WebhookClient,
        notifier: Notifier,
        changes: Notifier,
        counts: Counts,
    ) -> None:
        """notifier: after each commit of events. changes: when a caller has changed a webhook."""
        self._webhooks = webhooks
        self._clock = clock
        self._notifier = notifier
        self._changes = changes
        self._counts = counts
        self._events = events
        self._recent = RecentEvents()
        #: Set when a webhook can be read that had lanes at work when it was changed.
        self._changed = asyncio.Event()
        self._writer = ProgressWriter(webhooks, on_written=lambda: self._lanes.start())
        work = LaneWork(
            webhooks,
            LaneEvents(events, self._recent, self._writer, counts),
            clock,
            client,
            self._writer,
            counts,
            on_slow=lambda: self._lanes.start(),
        )
        self._lanes = LaneScheduler(clock, work, self._writer, on_readable=self._changed.set)
        self._targets: dict[str, Target] = {}
        #: The version of each webhook that was read, those that are disabled included.
        self._versions: dict[str, int] = {}
        #: The number of the newest event of each session.
        self._newest: dict[str, int] = {}
        self._seen = 0
        #: How often the notifier had notified when the log was read.
        self._notified = -1
        self._changes_seen = -1
        #: When webhooks are looked at again, though nothing was notified: time of the event loop.
        self._look_at = 0.0
        #: Whether the last look could read the webhooks.
        self._has_looked = False

    @property
    def is_idle(self) -> bool:
        """Whether the last look found no webhook, not even a disabled one. False if that look failed."""
        return self._has_looked and not self._versions

    async def run(self) -> None:
        """Delivers until it is cancelled."""
        try:
            async with in_background("webhook sweep", self._sweep):
                while True:
                    count = self._notifier.count
                    try:
                        await self._turn()
                    except StoreError as error:  # what is on its way goes on
                        self._has_looked = False
                        log_event(log.warning, "webhooks_wait_for_store", error=error)
                        await asyncio.sleep(STORE_SECONDS)
                        continue
                    await self._wait(count)
        finally:
            await self._close()

    async def _turn(self) -> None:
        if self._must_look():
            await self._look()
        if self._targets:
            await self._read_news()

    def _must_look(self) -> bool:
        """Whether webhooks have changed, or may have been changed by another process."""
        is_changed = self._changed.is_set() or self._changes.count != self._changes_seen
        return is_changed or asyncio.get_running_loop().time() >= self._look_at

    async def _look(self) -> None:
        """Reads what has changed of the webhooks."""
        self._changed.clear()
        seen = self._changes.count
        await self._read_changes()
        self._has_looked = True
        self._changes_seen = seen
        self._look_at = asyncio.get_running_loop().time() + LOOK_SECONDS

    async def _wait(self, count: int) -> None:
        """Returns once there are events that somebody gets, or webhooks have changed, or a second is over."""
        waits = [
            asyncio.ensure_future(self._changes.wait(self._changes_seen)),
            asyncio.ensure_future(self._changed.wait()),
        ]
        if self._targets:
            waits.append(asyncio.ensure_future(self._notifier.wait(count)))
        try:
            await asyncio.wait(waits, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _read_news(self) -> None:
        """Finds the sessions with new events."""
        notified = self._notifier.count
        if notified == self._notified and await self._events.newest() <= self._seen:
            return
        news = await self._news()
        self._notified = notified
        if not news:
            return
        begins = dict.fromkeys(news.keys() - self._newest.keys(), self._seen)
        self._newest |= news
        self._seen = max(news.values())
        for target in list(self._targets.values()):
            for session_id, number in news.items():
                if target.webhook.wants(session_id):
                    target.lane(session_id, after=begins.get(session_id, 0))
                    self._lanes.note(target, session_id, number)
            if len(news) > 1:  # a hundred thousand lanes must not keep requests waiting
                await asyncio.sleep(0)
        self._lanes.start()

    async def _news(self) -> dict[str, int]:
        """Returns the number of the newest event of each session that has new ones, and perhaps of others."""
        if self._seen:
            page = await self._events.page(self._seen, limit=MAX_EVENTS, size=MAX_BYTES)
            if len(page.events) < MAX_EVENTS and sum(len(event.data) for event in page.events) < MAX_BYTES:
                self._recent.add(page.events)
                return {event.session_id: event.number for event in page.events}
        news = await self._webhooks.newest()
        self._recent.begin(max(news.values(), default=0))
        return news

    async def _read_changes(self) -> None:
        """Reads the webhooks that were made, changed or deleted since the last look."""
        versions = await self._webhooks.versions()
        for webhook_id in self._versions.keys() - versions.keys():
            self._drop(webhook_id)
        for webhook_id, version in versions.items():
            target = self._targets.get(webhook_id)
            if self._versions.get(webhook_id) != version or (target is not None and target.is_stale):
                await self._read(webhook_id)
        self._show_failing()
        self._lanes.start()

    def _show_failing(self) -> None:
        """Also of webhooks that failed when this process began, until a delivery succeeds."""
        since = [target.webhook.failing_since for target in self._targets.values()]
        failing = [moment for moment in since if moment is not None]
        self._counts.show_webhooks(active=len(since) - len(failing), failing=len(failing))
        self._counts.show_failing((self._clock.wall() - min(failing)) / 1000 if failing else 0.0)

    async def _read(self, webhook_id: str) -> None:
        """Reads a webhook with its lanes, once none of them is at work: else the next look does."""
        target = self._targets.get(webhook_id)
        if target is not None:
            target.is_stale = True
            if target.working:
                return
            await self._writer.flush()
        read_at = await self._events.newest()
        webhook = await self._webhooks.get(webhook_id)
        if webhook is None:
            return
        lanes = await self._webhooks.lanes(webhook_id)
        replays = await self._webhooks.replays(webhook_id, limit=MAX_REPLAYS)
        is_changed = webhook_id in self._versions
        self._drop(webhook_id)
        self._versions[webhook_id] = webhook.version
        if webhook.disabled is not None:
            return
        if is_changed:  # it may work now: nothing waits for its next try
            lanes = [replace(lane, next_at=0) for lane in lanes]
        target = self._targets[webhook_id] = Target(webhook, lanes, replays, read_at=read_at)
        for session_id in {*target.lanes, *filter(webhook.wants, self._newest)}:
            self._lanes.note(target, session_id, self._newest.get(session_id, 0))

    def _drop(self, webhook_id: str) -> None:
        """Ends all that goes on for a webhook."""
        self._versions.pop(webhook_id, None)
        target = self._targets.pop(webhook_id, None)
        if target is not None:
            self._lanes.drop(target)

    async def _sweep(self) -> None:
        while True:
            await self._webhooks.sweep()
            self._forget(await self._webhooks.newest())
            self._counts.show_dead(await self._webhooks.count_dead())
            await asyncio.sleep(SWEEP_SECONDS)

    def _forget(self, kept: dict[str, int]) -> None:
        """Forgets sessions of which the log has no event. kept: the newest event of each other session."""
        for session_id in self._newest.keys() - kept.keys():
            del self._newest[session_id]
            for target in self._targets.values():
                lane = target.lanes.get(session_id)
                if lane is not None and not (lane.is_busy or lane.has_work or lane.stored.version):
                    del target.lanes[session_id]

    async def _close(self) -> None:
        self._has_looked = False
        tasks = [task for target in self._targets.values() for task in target.tasks]
        for webhook_id in list(self._targets):
            self._drop(webhook_id)
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._writer.close()
