"""Handlers of events: what each kind writes, in the transaction that acknowledges it."""

from collections.abc import Callable
from typing import Any

from server.domain.transitions import Now, acknowledged, after
from server.messages.calls import report_call
from server.messages.contacts import link_contact
from server.messages.inbound import skip_message, store_message
from server.messages.read_marks import settle_read_marks
from server.outbound.event_handlers import move_message, restrict
from server.protocol.events.chats import CallCame, Typing
from server.protocol.events.contacts import Answered, ContactLinked, Refused
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Restricted
from server.protocol.events.messages import MessageMoved, MessageReceived, MessageSkipped, ReadMarked
from store.ports.unit_of_work import UnitOfWork
from store.records.sessions import Session

#: (transaction, session, event, time) -> the session after the event, which is acknowledged.
Handler = Callable[[UnitOfWork, Session, Any, Now], Session]


def handle(unit: UnitOfWork, session: Session, event: AnyEvent, now: Now) -> Session:
    """Returns the session after an event that is not stale. Other data of the event is written to `unit`."""
    return HANDLERS.get(type(event), move_session)(unit, session, event, now)


def move_session(unit: UnitOfWork, session: Session, event: AnyEvent, now: Now) -> Session:
    """Changes the session according to the table of states."""
    return after(session, event, now)


def acknowledge(unit: UnitOfWork, session: Session, event: AnyEvent, now: Now) -> Session:
    """Acknowledges an event that changes nothing in the database."""
    return acknowledged(session, event)


#: Every other kind of event moves its session.
HANDLERS: dict[type, Handler] = {
    MessageReceived: store_message,
    MessageSkipped: skip_message,
    MessageMoved: move_message,
    ReadMarked: settle_read_marks,
    CallCame: report_call,
    Restricted: restrict,
    ContactLinked: link_contact,
    Answered: acknowledge,
    Refused: acknowledge,
    Typing: acknowledge,
}
