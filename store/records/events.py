"""Records of the event log."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """What happened, before the log has it."""

    #: `session.status`, `message.received` …
    type: str
    #: Milliseconds since 1970.
    at: int
    #: JSON, without line breaks. It may contain the text of a message: no log shows it.
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the event log. None of it ever changes."""

    #: Its place among the events of all sessions, from 1. Callers never see it.
    number: int
    #: `evt_…`, random. A restore takes numbers back, but no id.
    id: str
    #: The place behind it, as callers see it: see store/event_cursors.py.
    cursor: str
    #: The session may be deleted by now.
    session_id: str
    #: `session.status`, `message.received` …
    type: str
    #: Milliseconds since 1970.
    at: int
    #: JSON, without line breaks. It may contain the text of a message: no log shows it.
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events of the log, the oldest first."""

    events: list[Event]
    #: Nothing up to this number remains to be read.
    #: Greater than that of the last event if other types follow.
    reached: int
    #: The smallest number after which no event of these sessions was removed: see EventLog.whole_after.
    whole_after: int
    #: Whether a session that the reader does not know yet has the id now: its events are left out.
    has_another: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLimits:
    """How many events of one session the log keeps."""

    number: int = 200_000
    #: Of their rows, about.
    bytes: int = 200 * 2**20
