"""Stores messages that accounts received."""

from server.domain.message_content import Content, encode_content
from server.domain.transitions import Now, acknowledged
from server.events.types import message_received
from server.messages.contacts import learn
from server.protocol.events.messages import MessageReceived, MessageSkipped
from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message, Via
from store.records.sessions import Session


def store_message(unit: UnitOfWork, session: Session, event: MessageReceived, now: Now) -> Session:
    """Stores a message. Returns the session with the event acknowledged: a message changes nothing else."""
    message = Message(
        id=event.id,
        chat=event.chat,
        chat_lid=event.chat_lid,
        sender=event.sender,
        sender_lid=event.sender_lid,
        from_me=event.from_me,
        via=Via.PHONE if event.from_me else None,
        push_name=event.push_name,
        sent_at=event.sent_at,
        received_at=now.wall,
        kind=event.kind,
        text=event.text,
        content=encode_content(_content(event)),
    )
    learn(unit, message.chat, message.chat_lid, at=now.wall)
    learn(unit, message.sender, message.sender_lid, at=now.wall, only_of_chats=True)
    unit.add_message(message)
    unit.add_event(message_received(message))
    return acknowledged(session, event)


def _content(event: MessageReceived) -> Content:
    return Content(**{name: getattr(event, name) for name in Content.__struct_fields__})


def skip_message(unit: UnitOfWork, session: Session, event: MessageSkipped, now: Now) -> Session:
    """Acknowledges a skipped message without storing it: WhatsApp delivers it again."""
    return acknowledged(session, event)
