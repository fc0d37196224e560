"""What callers do in a chat besides sending: mark as read, show that somebody types, look a number up."""

import asyncio
from collections.abc import Sequence

from server.core.errors import (
    ConflictingState,
    ConnectorUnavailable,
    MessageNotFound,
    NoSuchSession,
    no_such_session,
)
from server.protocol.commands import Command, MarkRead, ReadKey, Type
from server.sessions.parts import SessionParts
from store.ports import UnitOfWork
from store.records import Contact, Message, Session, Status

#: Messages that one request marks as read: the newest of those that are not.
MOST_MARKED = 200

#: Seconds within which a connector that answers takes a command.
SEND_TIMEOUT_SECONDS = 5.0


async def mark_read(parts: SessionParts, session_id: str, chat: str, up_to: str | None) -> None:
    """Marks what came in a chat as read. up_to: the id of the last message that was read; None: all.

    Raises NoSuchSession, MessageNotFound, ConflictingState, ConnectorUnavailable.
    """
    await _connected(parts, session_id)
    now = parts.clock.wall()

    def mark(unit: UnitOfWork) -> list[Message]:
        if unit.session is None:
            raise no_such_session(session_id)
        chats = unit.contacts.addresses(chat)
        last = None if up_to is None else _place(unit.messages_with(up_to), chats, up_to)
        return unit.mark_read(chats, last=last, most=MOST_MARKED, at=now)

    read = await parts.state_machine.within(session_id, mark)
    for address in dict.fromkeys(message.chat for message in read):
        keys = tuple(
            ReadKey(id=message.id, sender=message.sender) for message in read if message.chat == address
        )
        await _send(parts, session_id, MarkRead(chat=address, keys=keys))


async def show_typing(parts: SessionParts, session_id: str, command: Type) -> None:
    """Shows a chat that somebody types. Raises NoSuchSession, ConflictingState, ConnectorUnavailable."""
    await _connected(parts, session_id)
    await _send(parts, session_id, command)


async def look_up(parts: SessionParts, session_id: str, number: str) -> Contact:
    """Returns what WhatsApp says of a number. An answer that still counts needs no link.

    Raises NoSuchSession, ConflictingState, ConnectorUnavailable, RateLimited, WhatsAppUnreachable.
    """
    await parts.sessions.require(session_id)
    known = await parts.checks.known(session_id, number)
    if known is not None:
        return known
    await _connected(parts, session_id)
    return await parts.checks.look_up(session_id, number)


async def _connected(parts: SessionParts, session_id: str) -> Session:
    session = await parts.sessions.get(session_id)
    if session is None:
        raise NoSuchSession
    if session.status is not Status.CONNECTED:
        raise ConflictingState(f"cannot do this while {session.status}", session=session)
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
