"""Reads the events of lanes, as far as their webhooks may get them."""

import logging

from server.core.log_events import log_event
from server.webhooks.progress_writer import ProgressWriter
from server.webhooks.recent import RecentEvents
from server.webhooks.report import Counts
from server.webhooks.target import OpenLane, Target
from store.ports.events import EventLog
from store.records.events import Event, EventPage

log = logging.getLogger(__name__)

#: Events that a lane reads at once if its webhook is fast, and bytes of their data.
READ_AHEAD = 16
READ_AHEAD_BYTES = 2**16

#: Events that are read at once when many are given up.
OVERDUE_PAGE = 100


class LaneEvents:
    """Reads from memory what happened just now, and from the log what is older."""

    def __init__(
        self, events: EventLog, recent: RecentEvents, writer: ProgressWriter, counts: Counts
    ) -> None:
        self._events = events
        self._recent = recent
        self._writer = writer
        self._counts = counts

    async def next(self, target: Target, lane: OpenLane) -> list[Event]:
        """Returns the next events that the webhook wants; moves the cursor if nothing is left."""
        newest, done, types = lane.newest, lane.stored.done, target.webhook.types
        limit = 1 if target.is_slow else READ_AHEAD
        events, reached = None, done
        # Only the log knows whether another session has the id now.
        if target.webhook.maker is None and done >= target.webhook.begins_with(lane.session_id):
            events = self._recent.of(lane.session_id, after=done, types=types, limit=limit)
        if events is None:
            page = await self._page(target, lane, limit, READ_AHEAD_BYTES)
            self._note_gap(lane, page.whole_after)
            events, reached = page.events, page.reached
            if not events and page.has_another:
                target.is_stale = True  # it says whether the webhook gets events of the other one
                return []
        if not events:
            self._writer.passed(lane.move(done=max(reached if reached > done else newest, done)))
        return events

    async def overdue_page(self, target: Target, lane: OpenLane) -> EventPage:
        """Returns the next events of a lane, many at once."""
        return await self._page(target, lane, OVERDUE_PAGE)

    async def numbered(self, session_id: str, number: int) -> Event | None:
        """Returns the event of a session with this number. None if the log has removed it."""
        page = await self._events.page(number - 1, limit=1, sessions=[session_id])
        return page.events[0] if page.events and page.events[0].number == number else None

    async def _page(self, target: Target, lane: OpenLane, limit: int, size: int | None = None) -> EventPage:
        webhook = target.webhook
        return await self._events.page(
            lane.stored.done,
            limit=limit,
            size=size,
            sessions=[lane.session_id],
            types=webhook.types,
            known_from=webhook.begins_with(lane.session_id),
            known_to=target.read_at if webhook.maker is not None else None,
        )

    def _note_gap(self, lane: OpenLane, whole_after: int) -> None:
        """Reports that the log has removed events before the webhook got them.

        whole_after: of the session.
        """
        if lane.stored.done < whole_after and lane.gap < whole_after:
            lane.gap = whole_after
            name, session_id = lane.stored.webhook_id, lane.session_id
            log_event(log.warning, "webhook_events_removed", webhook=name, session=session_id)
            self._counts.missed()
