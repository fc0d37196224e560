"""Checks of the lines that one connector writes."""

import logging

from server.connectors.channel_listener import ChannelListener
from server.connectors.read_budget import ReadBudget
from server.core.log_events import log_event
from server.protocol.events.lines import AnyEvent, UnknownEvent, parse
from server.protocol.events.process import Ended, Up

log = logging.getLogger(__name__)

#: Lines that are no events, since a connector's process began, after which it is killed.
MAX_UNREADABLE_LINES = 100


class LineChecks:
    """Counts the lines that are no events, and those that this front does not know."""

    def __init__(self, session_id: str, listener: ChannelListener, budget: ReadBudget) -> None:
        """budget: of the lines. It is waived for those that a killed process left."""
        self._session_id = session_id
        self._listener = listener
        self._budget = budget
        #: Lines of the process that were no events.
        self._unreadable = 0
        #: Its events of types that this front does not know.
        self._unknown = 0

    async def event(self, line: bytes) -> AnyEvent | UnknownEvent | None:
        """Returns the event of a line; None if the line is no event, or one of too many."""
        event = parse(line)
        if event is None:
            await self._note_unreadable(line)
        elif isinstance(event, UnknownEvent):
            self._note_unknown(event)
        elif isinstance(event, Up | Ended):
            self._unreadable = self._unknown = 0
            self._budget.is_waived = False
        elif self._unreadable >= MAX_UNREADABLE_LINES:
            return None  # What a process left that was killed for its lines.
        return event

    async def _note_unreadable(self, line: bytes) -> None:
        """Counts a line that is no event, and has the process killed that writes too many."""
        self._unreadable += 1
        if self._unreadable <= MAX_UNREADABLE_LINES:
            log_event(log.warning, "unreadable", session=self._session_id, bytes=len(line))
        if self._unreadable == MAX_UNREADABLE_LINES:
            await self._listener.on_unusable(self._session_id)
            self._budget.is_waived = True

    def _note_unknown(self, event: UnknownEvent) -> None:
        """Counts an event of a newer connector, which is no fault of it.

        The connector repeats it to a front that knows its type.
        """
        self._unknown += 1
        if is_power_of_ten(self._unknown):
            log_event(
                log.warning, "unknown_event", session=self._session_id, type=event.name, count=self._unknown
            )


def is_power_of_ten(count: int) -> bool:
    """Whether a count has become one digit longer: what repeats is logged so often."""
    return bool(count == 10 ** (len(str(count)) - 1))
