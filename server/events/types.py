"""The types of events, and what each has for data."""

from dataclasses import fields
from enum import StrEnum
from operator import attrgetter

import msgspec

from server.documents.call import call_document
from server.documents.message import message_document
from server.documents.session import session_document
from server.protocol.events.chats import CallCame
from store.records.events import NewEvent
from store.records.messages import Message
from store.records.sessions import Session

#: Fields of a session that callers do not see, and its code, which is in no log.
_NOT_COMPARED = {"qr", "epoch", "have", "node", "updated_at", "is_restored"}

_without_code = attrgetter(*(field.name for field in fields(Session) if field.name not in _NOT_COMPARED))


class EventType(StrEnum):
    """The type of an event."""

    SESSION_STATUS = "session.status"  # a session was made, or its status, reason, name or account changed
    SESSION_DELETED = "session.deleted"
    SESSION_RESTRICTED = "session.restricted"  # WhatsApp lets the account write to nobody new
    MESSAGE_RECEIVED = "message.received"  # also what the account wrote on its phone
    MESSAGE_STATUS = "message.status"  # how far a message of a caller is
    MESSAGE_REACTION = "message.reaction"  # a message of the kind `reaction` came
    MESSAGE_EDITED = "message.edited"  # of the kind `edit`
    MESSAGE_REVOKED = "message.revoked"  # of the kind `revoke`
    CALL_RECEIVED = "call.received"
    CONTACT_LINKED = "contact.linked"  # which number a LID has
    # No log keeps what follows: a client that is not there misses it.
    SESSION_QR = "session.qr"  # a session has a new code, or its code was withdrawn
    SESSION_PROBLEM = "session.problem"  # why there is no code
    TYPING = "typing"  # somebody types in a chat, or has stopped
    STREAM_RESET = "stream.reset"  # the client of a stream must discard its state
    STREAM_STOPPED = "stream.stopped"  # Motte stops


#: The types that no log keeps.
PASSING = frozenset(
    {
        EventType.SESSION_QR,
        EventType.SESSION_PROBLEM,
        EventType.TYPING,
        EventType.STREAM_RESET,
        EventType.STREAM_STOPPED,
    }
)

#: The type of the event of a message that came, if its kind has a type of its own.
_OF_KIND = {
    "reaction": EventType.MESSAGE_REACTION,
    "edit": EventType.MESSAGE_EDITED,
    "revoke": EventType.MESSAGE_REVOKED,
}


def is_seen(before: Session, after: Session) -> bool:
    """Whether a change of a session is an event for callers: not a code, which comes and goes."""
    return _without_code(before) != _without_code(after)


def session_status(session: Session, at: int) -> NewEvent:
    """Returns the event of a session that changed. at: milliseconds since 1970."""
    return event(EventType.SESSION_STATUS, session_document(session, None), at)


def session_deleted(session_id: str, at: int) -> NewEvent:
    """Returns the event of a session that was deleted. at: milliseconds since 1970."""
    return event(EventType.SESSION_DELETED, {"id": session_id}, at)


def message_received(message: Message) -> NewEvent:
    """Returns the event of a message that came, or that the account wrote on its phone: one each.

    A reaction, an edit and a revoke are messages with a type of event of their own.
    """
    kind = _OF_KIND.get(message.kind, EventType.MESSAGE_RECEIVED)
    return event(kind, message_document(message), message.received_at)


def call_received(call: CallCame, at: int) -> NewEvent:
    """Returns the event of a call that came. at: milliseconds since 1970."""
    return event(EventType.CALL_RECEIVED, call_document(call), at)


def contact_linked(lid: str, number: str, at: int) -> NewEvent:
    """Returns the event of a LID and a number of one account. at: milliseconds since 1970."""
    return event(EventType.CONTACT_LINKED, {"lid": lid, "number": number}, at)


def event(kind: EventType, document: object, at: int) -> NewEvent:
    """Returns an event for UnitOfWork.add_event. at: milliseconds since 1970."""
    return NewEvent(type=kind, at=at, data=msgspec.json.encode(document).decode())
