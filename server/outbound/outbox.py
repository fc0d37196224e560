"""The outbox: takes messages from callers in any front, and keeps them before anything is sent."""

from collections.abc import Callable
from dataclasses import dataclass

from server.core.errors import (
    ConflictingState,
    IdempotencyKeyReused,
    MessageNotFound,
    OutboxFull,
    TooLate,
    ValidationFailed,
    no_such_session,
)
from server.domain.message_content import Content, encode_content
from server.domain.recipients import can_get_messages, is_lid
from server.domain.states import PAIRED
from server.domain.texts import cut
from server.domain.transitions import Now
from server.domain.whatsapp_addresses import NUMBER_SERVER
from server.outbound import reasons
from server.outbound.drafts import DEFAULT_TTL_SECONDS, Draft, NamedMessage
from server.outbound.idempotency import IdempotentRequest
from server.outbound.message_ids import new_message_id
from server.outbound.named import only_one
from server.outbound.news import fail, report
from server.protocol.bounds import MAX_QUOTED_UNITS
from server.protocol.content import MessageReference, Quote
from store.ports import Store, UnitOfWork
from store.records import Message, MessageStatus, SendTerms, Session, Status, UsedKey, Via

#: Messages of one session that wait.
MAX_QUEUED = 10_000
#: About how many bytes they have: what waits is not removed, whatever the bound of messages is.
MAX_QUEUED_BYTES = 64 * 2**20

#: Milliseconds after which an edit is too late. WhatsApp Web, as others read it, offers one for 900 seconds
#: (`message_edit_client_entry_point_limit_seconds`), and takes in what was made within 1,200 seconds
#: (`message_edit_window_duration_seconds`; `EditWindow` of whatsmeow). The rest is for an edit that waits.
EDIT_WINDOW_MS = 15 * 60_000
#: Milliseconds after which a revoke is too late. WhatsApp's apps offer it for 2 days and 12 hours: XDA
#: Developers in August 2022, "60 hours", after WhatsApp had announced "a little over two days"; Kanal's guide
#: of 2026 still found 60 hours.
REVOKE_WINDOW_MS = 60 * 3_600_000

#: Kinds that an edit can be about.
_EDITABLE = frozenset({"text"})


@dataclass(frozen=True, slots=True)
class Taken:
    """The message that a request made."""

    message: Message
    #: False: an earlier request with the same idempotency key made it.
    is_new: bool


#: Makes the message that is to be queued, in the transaction that queues it.
Make = Callable[[UnitOfWork, Session, Now], tuple[Message, SendTerms]]


class Outbox:
    """Writes what callers send. Couriers of the front that leads do the rest."""

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

        def make(unit: UnitOfWork, session: Session, now: Now) -> tuple[Message, SendTerms]:
            content = draft.content
            if draft.reply_to is not None:
                content = _replying(content, _quote(unit, draft.chat, draft.reply_to))
            message = _message(unit, session, now, draft.chat, draft.kind, draft.text, content)
            return message, _terms(now, ttl=draft.ttl, typing=draft.typing, on_doubt=draft.on_doubt)

        return await self._queue(session_id, make, request)

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

        def make(unit: UnitOfWork, session: Session, now: Now) -> tuple[Message, SendTerms]:
            target = only_one(unit.messages_with(named.id, from_me=True), named, unit.contacts.addresses)
            if target.kind not in _EDITABLE:
                raise TooLate(f"a message of the kind {target.kind} cannot be edited")
            _check_window(target, now, EDIT_WINDOW_MS, "an edit for 15 minutes")
            return _about(unit, session, now, target, "edit", text=text)

        return await self._queue(session_id, make, request)

    async def withdraw(
        self, session_id: str, named: NamedMessage, request: IdempotentRequest | None = None
    ) -> Taken | Message:
        """Cancels a message that no connector has: returns it then. Queues a revoke of any other.

        Raises what `send` raises, and TooLate.
        """

        def cancel(unit: UnitOfWork) -> Message | None:
            if unit.session is None:
                raise no_such_session(session_id)
            message = only_one(unit.messages_with(named.id, from_me=True), named, unit.contacts.addresses)
            queued = unit.outbox.get(message.id) if message.via is Via.API else None
            if queued is None or queued.handed:
                return message if _is_cancelled(message) else None
            return fail(unit, message, reasons.CANCELLED, now=self._now().wall)

        def make(unit: UnitOfWork, session: Session, now: Now) -> tuple[Message, SendTerms]:
            target = only_one(unit.messages_with(named.id, from_me=True), named, unit.contacts.addresses)
            _check_window(target, now, REVOKE_WINDOW_MS, "a revoke for 60 hours")
            return _about(unit, session, now, target, "revoke")

        cancelled = await self._store.transact(session_id, cancel, token=None)
        if cancelled is not None:
            self._wake(session_id)
            return cancelled
        return await self._queue(session_id, make, request)

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

        def make(unit: UnitOfWork, session: Session, now: Now) -> tuple[Message, SendTerms]:
            target = only_one(unit.messages_with(named.id), named, unit.contacts.addresses)
            return _about(unit, session, now, target, "reaction", emoji=emoji)

        return await self._queue(session_id, make, request)

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
                unit.outbox.keep_key(
                    request.key, UsedKey(request_sha256=request.sha256, message_id=message.id)
                )
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


def _within_limits(
    unit: UnitOfWork, made: tuple[Message, SendTerms], session: Session
) -> tuple[Message, SendTerms]:
    number, size = unit.outbox.total()
    if number >= MAX_QUEUED:
        raise OutboxFull(f"{number} messages wait to be sent", session=session)
    if size >= MAX_QUEUED_BYTES:
        raise OutboxFull(f"the messages that wait to be sent have {size} bytes", session=session)
    return made


def _message(
    unit: UnitOfWork, session: Session, now: Now, chat: str, kind: str, text: str | None, content: Content
) -> Message:
    known = unit.contacts.addresses(chat)
    return Message(
        id=new_message_id(),
        chat=known[0],
        chat_lid=next((address for address in known if is_lid(address)), None),
        sender=_own_address(session),
        from_me=True,
        via=Via.API,
        kind=kind,
        text=text,
        content=encode_content(content),
        status=MessageStatus.QUEUED,
        queued_at=now.wall,
        received_at=now.wall,
    )


def _about(
    unit: UnitOfWork,
    session: Session,
    now: Now,
    target: Message,
    kind: str,
    *,
    text: str | None = None,
    emoji: str | None = None,
) -> tuple[Message, SendTerms]:
    """Returns the message that is about another one, and how it is sent. Raises ValidationFailed."""
    if not can_get_messages(target.chat):
        raise ValidationFailed(
            "must be a person or a group: a status and a channel take no messages", pointer="?chat"
        )
    content = Content(
        target=MessageReference(id=target.id, chat=target.chat, sender=target.sender), emoji=emoji
    )
    message = _message(unit, session, now, target.chat, kind, text, content)
    return message, _terms(now, ttl=DEFAULT_TTL_SECONDS)


def _terms(now: Now, *, ttl: float, typing: float = 0.0, on_doubt: str = "resend") -> SendTerms:
    return SendTerms(
        typing=typing,
        on_doubt=on_doubt,
        until=now.boot + ttl,
        until_wall=now.wall + round(ttl * 1000),
        boot_id=now.boot_id,
    )


def _check_window(target: Message, now: Now, window: int, what: str) -> None:
    """Raises TooLate if the message failed, or was sent too long ago."""
    if target.status is MessageStatus.FAILED:
        raise TooLate("it failed, so nobody has it")
    if target.sent_at is not None and now.wall - target.sent_at > window:
        raise TooLate(f"WhatsApp allows {what} after a message was sent")


def _is_cancelled(message: Message) -> bool:
    reason = message.status_reason
    return reason is not None and reason.code == reasons.CANCELLED


def _own_address(session: Session) -> str:
    return f"{session.phone_number}{NUMBER_SERVER}"


def _quote(unit: UnitOfWork, chat: str, named: NamedMessage) -> Quote:
    """Returns the message that a reply quotes; one that is not kept must be named whole."""
    in_chat = NamedMessage(id=named.id, chat=named.chat or chat, sender=named.sender)
    found = unit.messages_with(named.id)
    if not found and named.chat is not None and named.sender is not None:
        return Quote(id=named.id, chat=named.chat, sender=named.sender)
    quoted = only_one(found, in_chat, unit.contacts.addresses)
    text = None if quoted.text is None else cut(quoted.text, MAX_QUOTED_UNITS)
    return Quote(id=quoted.id, chat=quoted.chat, sender=quoted.sender, text=text)


def _replying(content: Content, quote: Quote) -> Content:
    return Content(
        reply_to=quote, mentions=content.mentions, location=content.location, contact=content.contact
    )
