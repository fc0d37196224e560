"""Hands a message to a connector: what the store says of it is true in the transaction that notes it."""

from dataclasses import dataclass
from enum import Enum

from server.domain.message_content import decode_content
from server.domain.transitions import Now
from server.outbound import reasons
from server.outbound.status_changes import fail, move
from server.outbound.waiting_list import deadline
from server.outbound.windows import is_lost, useful_until
from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message, MessageStatus
from store.records.outbox import QueuedMessage
from store.records.sessions import Status

#: Statuses in which no process runs until a person wants it.
WITHOUT_A_PROCESS = frozenset({Status.STOPPED, Status.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A message that a connector gets, or gets once more."""

    #: As it was before.
    queued: QueuedMessage
    #: When it is not worth sending any more: boot clock, seconds.
    until: float


class NotHanded(Enum):
    """Why a message is not handed to a connector now."""

    ENDED = "ended"  # it was cancelled, its time is over, or nobody has the message that it is about
    LATER = "later"  # another one of its chat comes first: the chat got another address since it was read


def hand_over(unit: UnitOfWork, message_id: str, now: Now) -> Handed | NotHanded:
    """Notes that the connector may have a message."""
    queued = unit.outbox.get(message_id)
    if queued is None:
        return NotHanded.ENDED
    if not queued.handed and not unit.outbox.is_next(message_id):
        return NotHanded.LATER
    target = _target(unit, queued.message)
    until = _until(queued, target, now)
    failure = _failure(target, is_late=until <= now.boot)
    if not queued.handed and failure is not None:
        fail(unit, queued.message, failure, now=now.wall)
        return NotHanded.ENDED
    unit.outbox.mark_handed(message_id)
    move(unit, queued.message, MessageStatus.HANDED, at=now.wall, now=now.wall)
    return Handed(queued=queued, until=until)


def give_up(unit: UnitOfWork, message_id: str, now: int) -> bool:
    """Fails a message that a connector had, unless one runs that will say what became of it.

    Returns whether it waits no longer. now: milliseconds since 1970.
    """
    queued = unit.outbox.get(message_id)
    if queued is None:
        return True
    if unit.session is None or unit.session.status not in WITHOUT_A_PROCESS:
        return False
    fail(unit, queued.message, reasons.NOBODY_KNOWS, now=now)
    return True


def _failure(target: Message | None, *, is_late: bool) -> str | None:
    """Returns why a message is not sent any more, if so. target: what it is about."""
    if target is not None and is_lost(target):
        return reasons.TARGET_FAILED
    return reasons.EXPIRED if is_late else None


def _until(queued: QueuedMessage, target: Message | None, now: Now) -> float:
    """Returns when a message is not worth sending any more: boot clock, seconds."""
    until = deadline(queued.terms, now)
    useful = None if target is None else useful_until(queued.message.kind, target)
    return until if useful is None else min(until, now.boot + (useful - now.wall) / 1000)


def _target(unit: UnitOfWork, message: Message) -> Message | None:
    """Returns the message that one is about, if it is kept. It was sent before, or has failed."""
    target = decode_content(message.content).target
    if target is None:
        return None
    named = (target.chat, target.sender)
    found = (one for one in unit.messages_with(target.id) if (one.chat, one.sender) == named)
    return next(found, None)
