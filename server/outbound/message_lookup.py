"""Finds the message that a caller names: senders choose ids, so several messages may have one."""

from collections.abc import Callable, Collection, Sequence

from server.core.errors import AmbiguousMessage, MessageNotFound
from server.outbound.drafts import NamedMessage
from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message

#: Returns the addresses of a chat or a person, as far as they are known.
Addresses = Callable[[str], Collection[str]]


def named_message(unit: UnitOfWork, named: NamedMessage, *, from_me: bool | None = None) -> Message:
    """Returns the one message of the account that is meant. Raises MessageNotFound, AmbiguousMessage.

    from_me: None: of any author.
    """
    found = messages_named(unit, named.id, from_me=from_me)
    return only_one(found, named, unit.contacts.addresses)


def messages_named(unit: UnitOfWork, message_id: str, *, from_me: bool | None = None) -> list[Message]:
    """Returns the messages with an id that the account sent or got: it can change and answer no other ones.

    Raises MessageNotFound if only others wrote one, or only an account that the session had before has one.
    """
    found = unit.messages_with(message_id, from_me=from_me)
    if not found and from_me and unit.messages_with(message_id):
        raise MessageNotFound(f"others wrote the message {message_id}: the account can change its own alone")
    if not found and unit.messages_with(message_id, from_me=from_me, of_any_account=True):
        raise MessageNotFound(f"the message {message_id} is of an account that the session had before")
    return found


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
