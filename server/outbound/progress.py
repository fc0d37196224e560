"""How far a message is: it only goes forward, in whatever order receipts come. Pure."""

from dataclasses import replace

from store.records.messages import Message, MessageStatus
from store.records.reason import Reason

#: In this order; `failed` is an end as well.
_ORDER = (
    MessageStatus.QUEUED,
    MessageStatus.HANDED,
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.READ,
    MessageStatus.PLAYED,
)
#: Not in the outbox any more.
SETTLED = frozenset(MessageStatus) - {MessageStatus.QUEUED, MessageStatus.HANDED}


def advanced(
    message: Message, status: MessageStatus, *, at: int, reason: Reason | None = None, attempts: int = 0
) -> Message:
    """Returns the message after news of it; the same object if the news are old.

    at: milliseconds since 1970. attempts: how often it was handed to WhatsApp; 0: not known. Statuses
    before it that no news reported get the same moment. A message that was sent does not fail any more.
    """
    if attempts > message.attempts:
        message = replace(message, attempts=attempts)
    if message.status is None or not _is_later(message.status, status):
        return message
    if status is MessageStatus.FAILED:
        return replace(message, status=status, status_reason=reason)
    rank = _ORDER.index(status)
    return replace(
        message,
        status=status,
        sent_at=_first(message.sent_at, at, rank >= _ORDER.index(MessageStatus.SENT)),
        delivered_at=_first(message.delivered_at, at, rank >= _ORDER.index(MessageStatus.DELIVERED)),
        read_at=_first(message.read_at, at, rank >= _ORDER.index(MessageStatus.READ)),
    )


def _is_later(before: MessageStatus, status: MessageStatus) -> bool:
    if before is MessageStatus.FAILED:
        return False
    if status is MessageStatus.FAILED:
        return before not in SETTLED
    return _ORDER.index(status) > _ORDER.index(before)


def _first(known: int | None, at: int, is_reached: bool) -> int | None:
    return at if known is None and is_reached else known
