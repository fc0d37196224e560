"""Read marks that WhatsApp has confirmed."""

from server.domain.transitions import Now, acknowledged
from server.protocol.events.messages import ReadMarked
from store.ports.unit_of_work import UnitOfWork
from store.records.sessions import Session


def settle_read_marks(unit: UnitOfWork, session: Session, event: ReadMarked, now: Now) -> Session:
    """Takes in that WhatsApp knows which messages were read: they are owed no longer."""
    unit.read_marks.settle(event.chat, [(key.id, key.sender) for key in event.keys])
    return acknowledged(session, event)
