"""A webhook at work: its lanes, and which of them may try next. Nothing here waits."""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from server.webhooks.schedule import Attempt
from store.records.webhooks import DeadLetter, Lane, Webhook

#: Lanes of one webhook that deliver at the same time.
MAX_LANES = 8

#: Dead letters that one webhook has in memory: there may be as many of them as the log has events.
MAX_REPLAYS = 1000

#: Failures in a row after which a webhook is shown as failing.
FAILING_AFTER = 3

#: Lanes that fail, so that the fault is not that of one event.
DOWN_LANES = 2

#: Seconds. A webhook that takes longer is slow, and slow webhooks share a part of the slots.
SLOW_SECONDS = 1.0


@dataclass(eq=False, slots=True)
class OpenLane:
    """The events of one session on their way to one webhook, strictly in order."""

    #: As it is in the store, or will be with the next write.
    stored: Lane
    #: The number of the newest event of the session.
    newest: int = 0
    #: Dead letters to try once more, before the events behind the cursor. A queue of its own for each of a
    #: hundred thousand lanes would take 70 MiB, and nearly all of them have none.
    replays: tuple[DeadLetter, ...] = ()
    #: A task delivers, so no other may begin.
    is_busy: bool = False
    #: Whether it stands in `Target.ready`.
    is_ready: bool = False
    #: Whether the webhook answered the last try, but refused the event.
    is_refused: bool = False
    #: Events up to this number were removed from the log before the webhook got them, as was reported.
    gap: int = 0
    #: Until the next try.
    timer: asyncio.TimerHandle | None = None

    @property
    def session_id(self) -> str:
        return self.stored.session_id

    @property
    def has_work(self) -> bool:
        return bool(self.replays) or self.newest > self.stored.done

    def move(self, **changes: object) -> Lane:
        """Changes what is stored of the lane; returns it. The caller holds the lane."""
        self.stored = replace(self.stored, **changes)  # type: ignore[arg-type]
        return self.stored

    def stop_timer(self) -> None:
        """Ends the wait for the next try."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Target:
    """One webhook. A webhook that fails three times in a row, in two lanes, is down: one lane probes it."""

    def __init__(
        self,
        webhook: Webhook,
        lanes: Iterable[Lane],
        replays: Collection[DeadLetter],
        *,
        read_at: int = 0,
    ) -> None:
        """read_at: the number of the newest event just before the webhook was read.

        replays: the first dead letters to try once more, MAX_REPLAYS at most.
        """
        self.webhook = webhook
        self.read_at = read_at
        self.lanes = {lane.session_id: OpenLane(lane) for lane in lanes if webhook.wants(lane.session_id)}
        for letter in replays:
            if webhook.wants(letter.session_id):
                self.lane(letter.session_id).replays += (letter,)
        #: Whether other dead letters are to be tried, once these were.
        self.has_other_replays = len(replays) >= MAX_REPLAYS
        #: Lanes that may try now, the next one first.
        self.ready: deque[OpenLane] = deque()
        #: Lanes at work.
        self.working = 0
        #: Whether a caller has changed the webhook: no lane begins until it was read again.
        self.is_stale = False
        #: Whether nothing is known of how it answers: many new ones may never answer.
        self.is_new = webhook.failing_since is None and not self.lanes
        #: Whether it keeps lanes busy for long, as far as is known.
        self.is_slow = webhook.failing_since is not None or any(
            lane.stored.tries for lane in self.lanes.values()
        )
        #: Failures in a row.
        self.failures = 0
        self._failed_lanes: set[str] = set()
        #: While it is down: whether one lane may try.
        self.may_probe = False
        #: Failed probes.
        self.probes = 0
        self.probe_timer: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def is_failing(self) -> bool:
        return self.failures >= FAILING_AFTER

    @property
    def is_down(self) -> bool:
        return self.is_failing and len(self._failed_lanes) >= DOWN_LANES

    def lane(self, session_id: str, *, after: int = 0) -> OpenLane:
        """Returns the lane of a session, which begins behind the webhook's creation.

        after: the number after which the session has events, for one that had none.
        """
        if session_id not in self.lanes:
            done = max(self.webhook.first, after)
            self.lanes[session_id] = OpenLane(
                Lane(webhook_id=self.webhook.id, session_id=session_id, done=done)
            )
        return self.lanes[session_id]

    def add_ready(self, lane: OpenLane) -> bool:
        """Puts a lane behind the others, if it has work; whether it did."""
        lane.stop_timer()
        if lane.is_busy or lane.is_ready or not lane.has_work:
            return False
        lane.is_ready = True
        self.ready.append(lane)
        return True

    def take(self) -> OpenLane | None:
        """Returns the lane that tries next, which is busy from now on. None if none may."""
        if self.is_stale or not self.ready:
            return None
        if self.is_down:
            if not self.may_probe or self.working:
                return None
            self.may_probe = False
            # The lane with the fewest failures: the others may have events that it refuses.
            lane = min(self.ready, key=lambda lane: lane.stored.tries)
            self.ready.remove(lane)
        elif self.working >= (1 if self.is_new else MAX_LANES):
            return None
        else:
            lane = self.ready.popleft()
        lane.is_ready = False
        lane.is_busy = True
        self.working += 1
        return lane

    def note_replayed(self) -> None:
        """Has the webhook read again, with its next dead letters, if none of these is left."""
        if self.has_other_replays and not any(lane.replays for lane in self.lanes.values()):
            self.is_stale = True

    def hold(self, lane: OpenLane) -> bool:
        """Keeps a lane from beginning a try, without a slot. False if it is at work."""
        if lane.is_busy:
            return False
        lane.is_busy = True
        if lane.is_ready:
            self.ready.remove(lane)
            lane.is_ready = False
        return True

    def let_go(self, lane: OpenLane) -> None:
        """Lets a lane that was held try again, unless it waits for its next try."""
        lane.is_busy = False
        if lane.timer is None:
            self.add_ready(lane)

    def give_back(self, lane: OpenLane) -> None:
        """Notes that a lane no longer works."""
        lane.is_busy = False
        self.working -= 1

    def note(self, lane: OpenLane, attempt: Attempt) -> bool:
        """Counts a try; whether the webhook is failing from now on.

        A webhook that refuses one event works, so a refusal counts neither way.
        """
        was_failing = self.is_failing
        self.is_new = False
        self.is_slow = attempt.seconds > SLOW_SECONDS
        if attempt.is_delivered:
            self.failures = 0
            self._failed_lanes.clear()
        elif not attempt.is_refusal:
            self.failures += 1
            self._failed_lanes.add(lane.session_id)
        lane.is_refused = attempt.is_refusal
        return self.is_failing and not was_failing

    def mark_slow(self) -> None:
        """Notes that a lane has worked for a long time and still does."""
        self.is_slow = True

    def close(self) -> None:
        """Ends every wait and every try."""
        self.is_stale = True
        self.ready.clear()
        if self.probe_timer is not None:
            self.probe_timer.cancel()
        for lane in self.lanes.values():
            lane.stop_timer()
        for task in self.tasks:
            task.cancel()
