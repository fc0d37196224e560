"""Makes the messages that callers ask for, in the transaction that queues them."""

from server.core.errors import TooLate, ValidationFailed
from server.domain.message_content import Content, encode_content
from server.domain.recipients import can_get_messages, is_lid
from server.domain.texts import cut
from server.domain.transitions import Now
from server.domain.whatsapp_addresses import NUMBER_SERVER
from server.outbound.drafts import DEFAULT_TTL_SECONDS, Draft, NamedMessage
from server.outbound.message_ids import new_message_id
from server.outbound.message_lookup import messages_named, named_message, only_one
from server.outbound.windows import check_window, useful_until
from server.protocol.bounds import MAX_QUOTED_UNITS
from server.protocol.content import MessageReference, Quote
from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message, MessageStatus, Via
from store.records.outbox import SendTerms
from store.records.sessions import Session

#: Kinds that an edit can be about.
_EDITABLE = frozenset({"text"})

#: A message, and how it is to be sent.
Composed = tuple[Message, SendTerms]


def compose(draft: Draft, unit: UnitOfWork, session: Session, now: Now) -> Composed:
    """Makes a message. Raises MessageNotFound and AmbiguousMessage of what it replies to."""
    content = draft.content
    if draft.reply_to is not None:
        content = _replying(content, _quote(unit, draft.chat, draft.reply_to))
    message = _message(unit, session, now, draft.chat, draft.kind, draft.text, content)
    return message, _terms(now, ttl=draft.ttl, typing=draft.typing, on_doubt=draft.on_doubt)


def compose_edit(named: NamedMessage, text: str, unit: UnitOfWork, session: Session, now: Now) -> Composed:
    """Makes an edit of a text that the account wrote. Raises MessageNotFound, AmbiguousMessage, TooLate."""
    target = named_message(unit, named, from_me=True)
    if target.kind not in _EDITABLE:
        raise TooLate(f"a message of the kind {target.kind} cannot be edited")
    check_window("edit", target, now.wall)
    return _about(unit, session, now, target, "edit", text=text)


def compose_revoke(named: NamedMessage, unit: UnitOfWork, session: Session, now: Now) -> Composed:
    """Makes a revoke of what the account wrote. Raises MessageNotFound, AmbiguousMessage, TooLate."""
    target = named_message(unit, named, from_me=True)
    check_window("revoke", target, now.wall)
    return _about(unit, session, now, target, "revoke")


def compose_reaction(
    named: NamedMessage, emoji: str | None, unit: UnitOfWork, session: Session, now: Now
) -> Composed:
    """Makes a reaction to a message of anybody. Raises MessageNotFound, AmbiguousMessage.

    emoji: None: takes the reaction away.
    """
    return _about(unit, session, now, named_message(unit, named), "reaction", emoji=emoji)


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
    useful = useful_until(kind, target)
    left = DEFAULT_TTL_SECONDS if useful is None else (useful - now.wall) / 1000
    return message, _terms(now, ttl=min(left, DEFAULT_TTL_SECONDS))


def _terms(now: Now, *, ttl: float, typing: float = 0.0, on_doubt: str = "resend") -> SendTerms:
    return SendTerms(
        typing=typing,
        on_doubt=on_doubt,
        until=now.boot + ttl,
        until_wall=now.wall + round(ttl * 1000),
        boot_id=now.boot_id,
    )


def _own_address(session: Session) -> str:
    return f"{session.phone_number}{NUMBER_SERVER}"


def _quote(unit: UnitOfWork, chat: str, named: NamedMessage) -> Quote:
    """Returns the message that a reply quotes; one that is not kept must be named whole."""
    in_chat = NamedMessage(id=named.id, chat=named.chat or chat, sender=named.sender)
    found = messages_named(unit, named.id)
    if not found and named.chat is not None and named.sender is not None:
        return Quote(id=named.id, chat=named.chat, sender=named.sender)
    quoted = only_one(found, in_chat, unit.contacts.addresses)
    text = None if quoted.text is None else cut(quoted.text, MAX_QUOTED_UNITS)
    return Quote(id=quoted.id, chat=quoted.chat, sender=quoted.sender, text=text)


def _replying(content: Content, quote: Quote) -> Content:
    return Content(
        reply_to=quote, mentions=content.mentions, location=content.location, contact=content.contact
    )
