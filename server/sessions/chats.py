"""What callers do in a chat besides sending: mark as read, show that somebody types, look a number up."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress

from server.core.errors import (
    ConflictingState,
    ConnectorUnavailable,
    MessageNotFound,
    NoSuchSession,
    no_such_session,
)
from server.outbound.message_lookup import messages_named
from server.protocol.commands import Command, MarkRead, ReadKey, Type
from server.sessions.parts import SessionParts
from store.ports.unit_of_work import UnitOfWork
from store.records.contacts import Contact
from store.records.messages import Message
from store.records.sessions import Session, Status

#: Messages that one request marks as read: the newest of those that are not.
MAX_MARKED = 200

#: Read marks that a connector gets after its link has opened: the newest of those that are owed.
MAX_OWED = 1_000

#: Seconds within which a connector that answers takes a command.
SEND_TIMEOUT_SECONDS = 5.0


async def mark_read(parts: SessionParts, session_id: str, chat: str, up_to: str | None) -> None:
    """Marks what came in a chat as read. up_to: the id of the last message that was read; None: all.

    WhatsApp is owed the marks until it has confirmed them, whatever becomes of the connector and its link.
    Raises NoSuchSession, MessageNotFound, ConflictingState, ConnectorUnavailable.
    """
    await _connected(parts, session_id, "mark messages as read")
    now = parts.clock.wall()

    def mark(unit: UnitOfWork) -> list[Message]:
        if unit.session is None:
            raise no_such_session(session_id)
        chats = unit.contacts.addresses(chat)
        last = None if up_to is None else _place(messages_named(unit, up_to), chats, up_to)
        return unit.mark_read(chats, last=last, most=MAX_MARKED, at=now)

    read = await parts.state_machine.within(session_id, mark)
    with suppress(ConnectorUnavailable):  # The next link gets them.
        await _tell_marks(parts, session_id, read)


async def tell_owed_marks(parts: SessionParts, session_id: str) -> None:
    """Tells a connector whose link has opened what WhatsApp has not confirmed. Raises StoreError."""
    if not parts.connectors.can_send(session_id):
        return  # It answers the hello first. Its snapshot follows.
    owed = await parts.state_machine.within(session_id, lambda unit: unit.read_marks.owed(MAX_OWED))
    with suppress(ConnectorUnavailable):  # The next link gets them.
        await _tell_marks(parts, session_id, owed)


async def _tell_marks(parts: SessionParts, session_id: str, read: Sequence[Message]) -> None:
    for command in _commands(read):
        await _send(parts, session_id, command)
        if not parts.connectors.confirms_marks(session_id):  # One of an older version: nobody will say it.
            await _settle(parts, session_id, command)


def _commands(read: Sequence[Message]) -> Iterator[MarkRead]:
    """Yields commands of 200 messages at most: a line of more could be too long, whatever their ids."""
    for chat in dict.fromkeys(message.chat for message in read):
        keys = [ReadKey(id=message.id, sender=message.sender) for message in read if message.chat == chat]
        for start in range(0, len(keys), MAX_MARKED):
            yield MarkRead(chat=chat, keys=tuple(keys[start : start + MAX_MARKED]))


async def _settle(parts: SessionParts, session_id: str, command: MarkRead) -> None:
    named = [(key.id, key.sender) for key in command.keys]
    await parts.state_machine.within(session_id, lambda unit: unit.read_marks.settle(command.chat, named))


async def show_typing(parts: SessionParts, session_id: str, command: Type) -> None:
    """Shows a chat that somebody types. Raises NoSuchSession, ConflictingState, ConnectorUnavailable."""
    await _connected(parts, session_id, "show that somebody types")
    await _send(parts, session_id, command)


async def look_up(parts: SessionParts, session_id: str, number: str) -> Contact:
    """Returns what WhatsApp says of a number. An answer that still counts needs no link.

    Raises NoSuchSession, ConflictingState, ConnectorUnavailable, RateLimited, WhatsAppUnreachable.
    """
    await parts.sessions.require(session_id)
    known = await parts.checks.known(session_id, number)
    if known is not None:
        return known
    await _connected(parts, session_id, "look a number up")
    return await parts.checks.look_up(session_id, number)


async def _connected(parts: SessionParts, session_id: str, request: str) -> Session:
    """Returns the session if it is connected. request: what it was asked to do, for the errors.

    Raises NoSuchSession, ConflictingState, ConnectorUnavailable.
    """
    session = await parts.sessions.get(session_id)
    if session is None:
        raise NoSuchSession
    if session.status is not Status.CONNECTED:
        why = "the session must be connected"
        raise ConflictingState(f"cannot {request} while {session.status}: {why}", session=session)
    if not parts.connectors.can_send(session_id):
        raise ConnectorUnavailable("its connector takes no commands now", session=session)
    return session


async def _send(parts: SessionParts, session_id: str, command: Command) -> None:
    try:
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            await parts.connectors.send(session_id, command)
    except TimeoutError:
        raise ConnectorUnavailable("its connector has just ended", session_id=session_id) from None


def _place(found: Sequence[Message], chats: Sequence[str], message_id: str) -> int:
    places = [message.number for message in found if message.chat in chats]
    if not places:
        raise MessageNotFound(f"there is no message {message_id} in this chat")
    return max(places)
