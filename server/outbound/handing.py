"""Hands a message to a connector: what the store says of it is true in the transaction that notes it."""

from enum import Enum

from server.domain.transitions import Now
from server.outbound import reasons
from server.outbound.news import fail, move
from server.outbound.waiting_list import deadline
from store.ports import UnitOfWork
from store.records import MessageStatus, QueuedMessage


class NotHanded(Enum):
    """Why a message is not handed to a connector now."""

    ENDED = "ended"  # it was cancelled, or its time is over
    LATER = "later"  # another one of its chat comes first: the chat got another address since it was read


def hand_over(unit: UnitOfWork, message_id: str, now: Now) -> QueuedMessage | NotHanded:
    """Notes that the connector may have a message. Returns it as it was before."""
    queued = unit.outbox.get(message_id)
    if queued is None:
        return NotHanded.ENDED
    if not queued.handed and not unit.outbox.is_next(message_id):
        return NotHanded.LATER
    if not queued.handed and deadline(queued.terms, now) <= now.boot:
        fail(unit, queued.message, reasons.EXPIRED, now=now.wall)
        return NotHanded.ENDED
    unit.outbox.mark_handed(message_id)
    move(unit, queued.message, MessageStatus.HANDED, at=now.wall, now=now.wall)
    return queued
