"""Calls that came: an event, and nothing else."""

from server.domain.transitions import Now, acknowledged
from server.events.types import call_received
from server.protocol.events.chats import CallCame
from store.ports.unit_of_work import UnitOfWork
from store.records.sessions import Session


def report_call(unit: UnitOfWork, session: Session, event: CallCame, now: Now) -> Session:
    """Writes the event of a call."""
    unit.add_event(call_received(event, now.wall))
    return acknowledged(session, event)
