"""Writes how far a message is, and reports it in the event log, in one transaction."""

from dataclasses import replace

from server.documents.message import message_document
from server.events.types import EventType, event
from server.outbound.progress import SETTLED, advanced
from server.outbound.reasons import failure
from store.ports.unit_of_work import UnitOfWork
from store.records.events import NewEvent
from store.records.messages import Message, MessageStatus
from store.records.reason import Reason


def move(
    unit: UnitOfWork,
    message: Message,
    status: MessageStatus,
    *,
    at: int,
    now: int,
    reason: Reason | None = None,
    attempts: int = 0,
    chat_lid: str | None = None,
) -> Message:
    """Takes in news of a message. Returns it after that. at: when it happened. now: when it is written.

    Both are milliseconds since 1970.
    """
    moved = advanced(message, status, at=at, reason=reason, attempts=attempts)
    if moved.chat_lid is None and chat_lid is not None and chat_lid != moved.chat:
        moved = replace(moved, chat_lid=chat_lid)
    if moved == message:
        return message
    unit.change_message(moved)
    if moved.status in SETTLED and message.status not in SETTLED:
        unit.outbox.remove(message.id, at=now)
    if moved.status is not message.status:
        report(unit, moved, at=now)
    return moved


def fail(unit: UnitOfWork, message: Message, reason: str | Reason, *, now: int) -> Message:
    """Ends a message that is not sent. Returns it after that. reason: or its code."""
    named = failure(reason) if isinstance(reason, str) else reason
    return move(unit, message, MessageStatus.FAILED, at=now, now=now, reason=named)


def report(unit: UnitOfWork, message: Message, *, at: int) -> None:
    """Adds the event of a message's new status. at: milliseconds since 1970."""
    unit.add_event(status_event(message, at=at))


def status_event(message: Message, *, at: int) -> NewEvent:
    """Returns the event of a message's new status. at: milliseconds since 1970."""
    return event(EventType.MESSAGE_STATUS, message_document(message), at)
