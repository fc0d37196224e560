"""Errors of messages that callers send, or name."""

from collections.abc import Sequence

from server.core.errors.base import SESSION_LOCATION, MotteError
from server.core.errors.conflicts import Conflict
from server.core.errors.requests import BadRequest, NotFound


class MessageNotFound(NotFound):
    """There is no such message.

    Its session never had it, no longer keeps it, or had it with another account; or it can be changed by
    those who wrote it alone.
    """

    code = "message-not-found"


class AmbiguousMessage(Conflict):
    """Several messages have this id.

    Senders choose ids: add the chat and the sender of the message that you mean.
    """

    code = "ambiguous-message"

    def __init__(self, message_id: str = "", candidates: Sequence[tuple[str, str]] = ()) -> None:
        """candidates: the chat and the sender of each."""
        super().__init__(f"{len(candidates)} messages have the id {message_id}: add `chat` and `sender`")
        self.candidates = [{"id": message_id, "chat": chat, "sender": sender} for chat, sender in candidates]


class TooLate(Conflict):
    """The message can no longer be changed.

    WhatsApp allows an edit for 15 minutes, and a revoke for 60 hours.
    """

    code = "too-late"


class IdempotencyKeyReused(BadRequest):
    """The idempotency key was used for another request.

    Choose a new key for each request, and repeat a request unchanged.
    """

    code, status = "idempotency-key-reused", 422


class OutboxFull(MotteError):
    """The session has too many messages that wait to be sent.

    It takes more once some of these are sent or have failed.
    """

    code, status, retry_after = "outbox-full", 429, 30
    described_headers = SESSION_LOCATION
