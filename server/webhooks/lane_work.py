"""One step of a lane: the next events are read, sent, and their end is noted."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from server.core.clock import Clock
from server.core.log_events import log_event
from server.events.envelope import envelope
from server.webhooks.http_client import WebhookClient
from server.webhooks.lane_events import LaneEvents
from server.webhooks.progress_writer import ProgressWriter
from server.webhooks.report import Counts, Outcome
from server.webhooks.schedule import Attempt, Verdict, judge, wait
from server.webhooks.signatures import signed_headers
from server.webhooks.target import SLOW_SECONDS, OpenLane, Target
from store.errors import StoreError
from store.ports.webhooks import WebhookStore
from store.records.events import Event
from store.records.webhooks import DeadLetter, Try, Webhook

log = logging.getLogger(__name__)

#: Seconds after which a lane lets others have its slot.
TURN_SECONDS = 0.05

GONE_REASON = "the webhook answered 410 Gone"


class LaneWork:
    """Steps of lanes. The caller holds the lane, so that nobody else moves it."""

    def __init__(
        self,
        webhooks: WebhookStore,
        events: LaneEvents,
        clock: Clock,
        client: WebhookClient,
        writer: ProgressWriter,
        counts: Counts,
        *,
        on_slow: Callable[[], None],
    ) -> None:
        """on_slow: called once a webhook has not answered for a second: another one may have its slot."""
        self._webhooks = webhooks
        self._events = events
        self._clock = clock
        self._client = client
        self._writer = writer
        self._counts = counts
        self._on_slow = on_slow

    async def step(self, target: Target, lane: OpenLane) -> float | None:
        """Handles the next events, one after the other, for a short time.

        Returns the seconds until the lane goes on; None: at once, if it has work. Raises StoreError.
        """
        if lane.replays:
            await self._replay(target, lane)
            target.note_replayed()
            return None
        until = asyncio.get_running_loop().time() + TURN_SECONDS
        for event in await self._events.next(target, lane):
            seconds = await self._deliver(target, lane, event)
            if seconds is not None or lane.stored.done != event.number:
                return seconds
            is_over = asyncio.get_running_loop().time() > until
            if is_over or target.is_stale or target.is_slow or self._writer.is_full:
                return None
        return None

    async def _deliver(self, target: Target, lane: OpenLane, event: Event) -> float | None:
        tries = lane.stored.tries + 1
        attempt, tried = await self._attempt(target, lane, event, tries)
        left = self._left(target.webhook, lane, event)
        verdict = judge(attempt, tries=tries, left=left)
        if verdict is Verdict.DELIVERED:
            self._counts.delivered((self._clock.wall() - event.at) / 1000)
            self._writer.moved(lane.move(done=event.number, tries=0, next_at=0, error=None), tried)
            if target.webhook.failing_since is not None:
                self._show_working(target)
        elif verdict is Verdict.DEAD:
            self._give_up(lane, event, tries, attempt.error or "", tried)
            if not attempt.is_refusal:
                await self._give_up_overdue(target, lane, attempt.error or "")
        elif verdict is Verdict.GONE:
            self._writer.moved(lane.stored, tried)
            await self._disable(target)
        else:
            seconds = wait(attempt, tries=tries, left=left)
            next_at = self._clock.wall() + round(seconds * 1000)
            self._writer.moved(lane.move(tries=tries, next_at=next_at, error=attempt.error), tried)
            if target.is_down:
                await self._give_up_all_overdue(target, attempt.error or "")
            return seconds
        return None

    async def _replay(self, target: Target, lane: OpenLane) -> None:
        """Tries a dead letter once more. Whatever comes of it, the lane goes on."""
        letter = lane.replays[0]
        event = await self._events.numbered(lane.session_id, letter.event)
        if event is None:
            self._writer.arrived(letter)  # the log has forgotten it
            lane.replays = lane.replays[1:]
            return
        attempt, tried = await self._attempt(target, lane, event, letter.tries + 1)
        lane.replays = lane.replays[1:]
        if attempt.is_delivered:
            self._writer.arrived(letter, tried)
            if target.webhook.failing_since is not None:
                self._show_working(target)
            return
        again = replace(letter, tries=letter.tries + 1, error=attempt.error or "")
        self._writer.failed_again(again, version=target.webhook.version, tried=tried)
        if target.is_failing:
            await self._end_replays(target, lane)

    async def _end_replays(self, target: Target, lane: OpenLane) -> None:
        """Tries no other dead letter: it would fail as well. Those on their way say so themselves."""
        for other in target.lanes.values():
            if other is lane or not other.is_busy:
                other.replays = ()
        target.has_other_replays = False
        try:
            await self._webhooks.end_replays(target.webhook.id, version=target.webhook.version)
        except StoreError:
            target.is_stale = True  # those that are left are read again
            raise

    async def _attempt(self, target: Target, lane: OpenLane, event: Event, tries: int) -> tuple[Attempt, Try]:
        """Sends an event, and counts how that went."""
        webhook, now = target.webhook, self._clock.wall()
        body = envelope(event)
        headers = signed_headers(event.id, now // 1000, body, webhook.secrets(now))
        is_slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, self._note_slow, target)
        try:
            attempt = await self._client.post(webhook.url, body, {**webhook.headers, **headers})
        finally:
            is_slow.cancel()
        if target.note(lane, attempt):
            self._show_failing(target, attempt)
        self._counts.tried(Outcome.of(attempt), attempt.seconds)
        return attempt, Try(
            webhook_id=webhook.id,
            event_id=event.id,
            type=event.type,
            session_id=event.session_id,
            ordinal=tries,
            at=now,
            took=round(attempt.seconds * 1000),
            status=attempt.status,
            error=attempt.error,
        )

    def _note_slow(self, target: Target) -> None:
        target.mark_slow()
        self._on_slow()

    def _left(self, webhook: Webhook, lane: OpenLane, event: Event) -> float:
        """Returns the seconds until an event is given up; 0 or less: it is time."""
        begins = max(event.at, lane.stored.since)
        return webhook.give_up_after - (self._clock.wall() - begins) / 1000

    def _give_up(self, lane: OpenLane, event: Event, tries: int, error: str, tried: Try | None) -> None:
        """Gives an event up. The lane goes on behind it."""
        letter = DeadLetter(
            webhook_id=lane.stored.webhook_id,
            event=event.number,
            session_id=lane.session_id,
            tries=tries,
            error=error,
            at=self._clock.wall(),
        )
        lane.move(done=event.number, tries=0, next_at=0, error=None)
        self._writer.died(letter, lane=lane.stored, tried=tried)
        self._counts.died()

    async def _give_up_overdue(self, target: Target, lane: OpenLane, error: str) -> None:
        """Gives up all following events of a lane whose time is over too: each would only fail again."""
        while True:
            page = await self._events.overdue_page(target, lane)
            for event in page.events:
                if self._left(target.webhook, lane, event) > 0:
                    return
                self._give_up(lane, event, 0, error, None)
            if self._writer.is_full:
                await self._writer.flush()
            if page.reached <= lane.stored.done and not page.events:
                return
            lane.move(done=max(page.reached, lane.stored.done))

    async def _give_up_all_overdue(self, target: Target, error: str) -> None:
        """Does so in every lane of a webhook that is down, but not in those that are at work still."""
        for lane in list(target.lanes.values()):
            if not lane.has_work or lane.replays or not target.hold(lane):
                continue
            done = lane.stored.done
            try:
                await self._give_up_overdue(target, lane, error)
            finally:
                if lane.stored.done != done:
                    lane.stop_timer()
                target.let_go(lane)

    def _show_failing(self, target: Target, attempt: Attempt) -> None:
        log_event(log.warning, "webhook_fails", webhook=target.webhook.id, error=attempt.error)
        if target.webhook.failing_since is None:
            self._show(target, self._clock.wall(), attempt.error)

    def _show_working(self, target: Target) -> None:
        log_event(log.info, "webhook_works_again", webhook=target.webhook.id)
        self._show(target, None, None)

    def _show(self, target: Target, since: int | None, failure: str | None) -> None:
        """Has it written with the try that says so: a database that is busy or full delays both."""
        target.webhook = replace(target.webhook, failing_since=since, failure=failure)
        self._writer.shown(target.webhook)

    async def _disable(self, target: Target) -> None:
        """Ends deliveries of a webhook that does not want any, until a caller enables it.

        If a caller has changed it meanwhile, it is asked once more as it is now, perhaps at another URL.
        """
        target.is_stale = True
        try:
            is_disabled = await self._webhooks.disable(target.webhook, GONE_REASON)
        except StoreError:
            target.is_stale = False  # it is asked once more
            raise
        if is_disabled:
            log_event(log.warning, "webhook_disabled", webhook=target.webhook.id, reason=GONE_REASON)
