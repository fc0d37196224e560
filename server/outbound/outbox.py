"""The outbox: takes messages from callers in any front, and keeps them before anything is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from server.core.errors import (
    ConflictingState,
    IdempotencyKeyReused,
    MessageNotFound,
    OutboxFull,
    no_such_session,
)
from server.domain.states import PAIRED
from server.domain.transitions import Now
from server.outbound import reasons
from server.outbound.composing import compose, compose_edit, compose_reaction, compose_revoke
from server.outbound.drafts import Draft, NamedMessage
from server.outbound.idempotency import IdempotentRequest
from server.outbound.message_lookup import named_message
from server.outbound.status_changes import fail, report
from store.ports.store import Store
from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message, Via
from store.records.outbox import SendTerms, UsedKey
from store.records.sessions import Session, Status

#: Messages of one session that wait.
MAX_QUEUED = 10_000
#: About how many bytes they have: what waits is not removed, whatever the bound of messages is.
MAX_QUEUED_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Taken:
    """The message that a request made."""

    message: Message
    #: False: an earlier request with the same idempotency key made it.
    is_new: bool


#: Makes the message that is to be queued, in the transaction that queues it.
Make = Callable[[UnitOfWork, Session, Now], tuple[Message, SendTerms]]


class Outbox:
    """Writes what callers send. Dispatchers of the front that leads do the rest."""

    def __init__(self, store: Store, now: Callable[[], Now], *, wake: Callable[[str], None]) -> None:
        """wake: called with the id of a session that has something new to send, once it is stored."""
        self._store = store
        self._now = now
        self._wake = wake

    async def send(self, session_id: str, draft: Draft, request: IdempotentRequest | None = None) -> Taken:
        """Queues a message.

        Raises NoSuchSession, ConflictingState, OutboxFull, IdempotencyKeyReused; MessageNotFound and
        AmbiguousMessage of what it replies to.
        """

        return await self._queue(session_id, partial(compose, draft), request)

    async def edit(
        self,
        session_id: str,
        named: NamedMessage,
        text: str,
        request: IdempotentRequest | None = None,
    ) -> Taken:
        """Queues an edit of a text that the account wrote.

        Raises what `send` raises, and TooLate.
        """

        return await self._queue(session_id, partial(compose_edit, named, text), request)

    async def withdraw(
        self, session_id: str, named: NamedMessage, request: IdempotentRequest | None = None
    ) -> Taken | Message:
        """Cancels a message that no connector has: returns it then. Queues a revoke of any other.

        Raises what `send` raises, and TooLate.
        """

        def cancel(unit: UnitOfWork) -> Taken | Message | None:
            if unit.session is None:
                raise no_such_session(session_id)
            earlier = None if request is None else _made_by(unit, request)
            if earlier is not None:
                return earlier if _is_cancelled(earlier) else Taken(earlier, is_new=False)
            message = named_message(unit, named, from_me=True)
            queued = unit.outbox.get(message.id) if message.via is Via.API else None
            if (queued is None or queued.handed) and not _is_cancelled(message):
                return None
            now = self._now().wall
            if request is not None:
                _keep_key(unit, request, message)
                unit.outbox.remove(message.id, at=now)  # The key is kept from now on, as after any end.
            return fail(unit, message, reasons.CANCELLED, now=now)

        cancelled = await self._store.transact(session_id, cancel, token=None)
        if cancelled is not None:
            self._wake(session_id)
            return cancelled
        return await self._queue(session_id, partial(compose_revoke, named), request)

    async def react(
        self,
        session_id: str,
        named: NamedMessage,
        emoji: str | None,
        request: IdempotentRequest | None = None,
    ) -> Taken:
        """Queues a reaction to a message of anybody. emoji: None: takes the reaction away.

        Raises what `send` raises.
        """

        return await self._queue(session_id, partial(compose_reaction, named, emoji), request)

    async def _queue(self, session_id: str, make: Make, request: IdempotentRequest | None) -> Taken:
        now = self._now()

        def queue(unit: UnitOfWork) -> Taken:
            session = unit.session
            if session is None:
                raise no_such_session(session_id)
            earlier = None if request is None else _made_by(unit, request)
            if earlier is not None:
                return Taken(earlier, is_new=False)
            check_takes_messages(session)
            message = unit.outbox.add(*_within_limits(unit, make(unit, session, now), session))
            if request is not None:
                _keep_key(unit, request, message)
            report(unit, message, at=now.wall)
            return Taken(message, is_new=True)

        taken = await self._store.transact(session_id, queue, token=None)
        if taken.is_new:
            self._wake(session_id)
        return taken


def check_takes_messages(session: Session) -> None:
    """Checks that the session has an account that can send, now or later. Raises ConflictingState."""
    if session.phone_number is not None and (session.status in PAIRED or session.status is Status.STOPPED):
        return
    has_account = session.phone_number is not None and session.status is Status.FAILED
    why = "start the session first" if has_account else "no account is linked"
    raise ConflictingState(f"cannot send while {session.status}: {why}", session=session)


def _made_by(unit: UnitOfWork, request: IdempotentRequest) -> Message | None:
    """Returns the message that an earlier request with the key made. Raises IdempotencyKeyReused."""
    used = unit.outbox.find_key(request.key)
    if used is None:
        return None
    if used.request_sha256 != request.sha256:
        raise IdempotencyKeyReused
    message = unit.own_message(used.message_id)
    if message is None:
        raise MessageNotFound("the message of this key was made, and is no longer kept")
    return message


def _keep_key(unit: UnitOfWork, request: IdempotentRequest, message: Message) -> None:
    unit.outbox.keep_key(request.key, UsedKey(request_sha256=request.sha256, message_id=message.id))


def _within_limits(
    unit: UnitOfWork, made: tuple[Message, SendTerms], session: Session
) -> tuple[Message, SendTerms]:
    reached = unit.outbox.reached(number=MAX_QUEUED, size=MAX_QUEUED_BYTES)
    if reached is None:
        return made
    number, size = reached
    if number >= MAX_QUEUED:
        raise OutboxFull(f"{number} messages wait to be sent", session=session)
    raise OutboxFull(f"the messages that wait to be sent have {size} bytes", session=session)


def _is_cancelled(message: Message) -> bool:
    reason = message.status_reason
    return reason is not None and reason.code == reasons.CANCELLED
