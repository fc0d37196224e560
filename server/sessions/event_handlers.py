"""What each kind of event writes, in the transaction that acknowledges it."""

from collections.abc import Callable
from typing import Any

from server.domain.transitions import Now, acknowledged, after
from server.protocol.events import AnyEvent, MessageReceived, MessageSkipped
from store.ports import UnitOfWork
from store.records import Message, Session

#: (transaction, session, event, time) -> the session with the event acknowledged and taken in.
Handler = Callable[[UnitOfWork, Session, Any, Now], Session]


def handle(unit: UnitOfWork, session: Session, event: AnyEvent, now: Now) -> Session:
    """The session after an event that is not stale. What else belongs to the event is written to `unit`."""
    return HANDLERS.get(type(event), move_session)(unit, session, event, now)


def move_session(unit: UnitOfWork, session: Session, event: AnyEvent, now: Now) -> Session:
    """The event changes the session as the table of states says."""
    return after(session, event, now)


def store_message(unit: UnitOfWork, session: Session, event: MessageReceived, now: Now) -> Session:
    """A message moves no session."""
    message = Message(
        id=event.id,
        chat=event.chat,
        chat_lid=event.chat_lid,
        sender=event.sender,
        sender_lid=event.sender_lid,
        from_me=event.from_me,
        push_name=event.push_name,
        sent_at=event.sent_at,
        received_at=now.wall,
        kind=event.kind,
        text=event.text,
    )
    unit.add_message(message)
    return acknowledged(session, event)


def only_acknowledge(unit: UnitOfWork, session: Session, event: MessageSkipped, now: Now) -> Session:
    """There is nothing to store: the message comes again."""
    return acknowledged(session, event)


#: Every other kind of event moves its session.
HANDLERS: dict[type, Handler] = {
    MessageReceived: store_message,
    MessageSkipped: only_acknowledge,
}
