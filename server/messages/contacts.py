"""Accounts that have a number and a LID, which were known one without the other."""

from server.domain.transitions import Now, acknowledged
from server.events.types import contact_linked
from server.protocol.events import ContactLinked
from store.ports import UnitOfWork
from store.records import Session


def report_link(unit: UnitOfWork, session: Session, event: ContactLinked, now: Now) -> Session:
    """Writes the event of a LID and a number that belong to one account."""
    unit.add_event(contact_linked(event.lid, event.number, now.wall))
    return acknowledged(session, event)
