"""What connectors say of messages that callers sent, written in the transaction that acknowledges it."""

from dataclasses import replace
from typing import Literal, NamedTuple

from server.core.clock import iso
from server.documents.document import Document
from server.domain.transitions import Now, acknowledged
from server.events.types import EventType
from server.events.types import event as event_of
from server.messages.contacts import learn
from server.outbound.reasons import in_words
from server.outbound.status_changes import move
from server.protocol.events.link import Restricted
from server.protocol.events.messages import MessageMoved
from store.ports.unit_of_work import UnitOfWork
from store.records.messages import MessageStatus
from store.records.sessions import Session

#: Milliseconds for which no chat is begun if WhatsApp does not say how long.
UNKNOWN_RESTRICTION_MS = 3_600_000


class RestrictionDocument(Document, frozen=True):
    """The data of the event `session.restricted`."""

    state: Literal["ok", "restricted"]
    #: restricted (463) or new-chat-limit (475). None: the account may begin chats.
    code: str | None
    until: str | None


def move_message(unit: UnitOfWork, session: Session, event: MessageMoved, now: Now) -> Session:
    """Takes in how far a message is."""
    message = unit.own_message(event.id)
    if message is not None:
        learn(unit, message.chat, event.chat_lid, at=now.wall)
        moved = move(
            unit,
            message,
            MessageStatus(event.status),
            at=event.at,
            now=now.wall,
            reason=in_words(event.reason) if event.reason else None,
            attempts=event.attempts,
            chat_lid=event.chat_lid,
        )
        if moved.sent_at is not None and message.sent_at is None:
            unit.contacts.meet(_addresses(moved.chat, moved.chat_lid), has_answered=False, at=now.wall)
    return acknowledged(session, event)


class _Restriction(NamedTuple):
    """The account may begin no chats."""

    #: restricted (463) or new-chat-limit (475).
    code: str
    #: Milliseconds since 1970.
    until: int


def restrict(unit: UnitOfWork, session: Session, event: Restricted, now: Now) -> Session:
    """Takes in that WhatsApp lets the account begin no chats."""
    known = _known(session, now)
    restriction = _later(known, event, now)
    if restriction != known:
        report = RestrictionDocument(
            state="ok" if restriction is None else "restricted",
            code=None if restriction is None else restriction.code,
            until=None if restriction is None else iso(restriction.until),
        )
        unit.add_event(event_of(EventType.SESSION_RESTRICTED, report, now.wall))
    return replace(
        acknowledged(session, event),
        restriction=None if restriction is None else restriction.code,
        restricted_until=None if restriction is None else restriction.until,
    )


def _known(session: Session, now: Now) -> _Restriction | None:
    """Returns the restriction that holds now."""
    if (
        session.restriction is None
        or session.restricted_until is None
        or session.restricted_until <= now.wall
    ):
        return None
    return _Restriction(session.restriction, session.restricted_until)


def _later(known: _Restriction | None, event: Restricted, now: Now) -> _Restriction | None:
    """Returns the restriction that holds for longer.

    Several messages may be refused at once, and not each refusal says until when. Only WhatsApp's word that a
    restriction is over ends it, and not that of another one.
    """
    until = now.wall + UNKNOWN_RESTRICTION_MS if event.until is None else event.until
    if until > now.wall and (known is None or until > known.until):
        return _Restriction(event.code, until)
    is_over = until <= now.wall and known is not None and known.code == event.code
    return None if is_over else known


def _addresses(chat: str, chat_lid: str | None) -> list[str]:
    return [chat] if chat_lid is None else [chat, chat_lid]
