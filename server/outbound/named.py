"""Finds the message that a caller names: senders choose ids, so several messages may have one."""

from collections.abc import Callable, Collection, Sequence

from server.core.errors import AmbiguousMessage, MessageNotFound
from server.outbound.drafts import NamedMessage
from store.records import Message

#: Returns the addresses of a chat or a person, as far as they are known.
Addresses = Callable[[str], Collection[str]]


def only_one(found: Sequence[Message], named: NamedMessage, addresses: Addresses) -> Message:
    """Returns the one message that is meant. Raises MessageNotFound, AmbiguousMessage.

    found: the messages with the id.
    """
    chats = None if named.chat is None else {named.chat, *addresses(named.chat)}
    senders = None if named.sender is None else {named.sender, *addresses(named.sender)}
    matching = [
        message
        for message in found
        if _is_one_of(chats, message.chat, message.chat_lid)
        and _is_one_of(senders, message.sender, message.sender_lid)
    ]
    if not matching:
        where = "" if named.chat is None else f" in the chat {named.chat}"
        raise MessageNotFound(f"there is no message {named.id}{where}")
    if len(matching) > 1:
        raise AmbiguousMessage(named.id, [(message.chat, message.sender) for message in matching])
    return matching[0]


def _is_one_of(wanted: Collection[str] | None, address: str, lid: str | None) -> bool:
    return wanted is None or address in wanted or (lid is not None and lid in wanted)
