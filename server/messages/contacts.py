"""Accounts that have a number and a LID, which callers knew one without the other."""

from server.domain.recipients import is_lid
from server.domain.transitions import Now, acknowledged
from server.domain.whatsapp_addresses import number_of
from server.events.types import contact_linked
from server.protocol.events.contacts import ContactLinked
from store.ports.unit_of_work import UnitOfWork
from store.records.sessions import Session


def link_contact(unit: UnitOfWork, session: Session, event: ContactLinked, now: Now) -> Session:
    """Takes in a LID and a number, of which the connector has reported one without the other."""
    if unit.contacts.link(event.number, event.lid, at=now.wall):
        unit.add_event(contact_linked(event.lid, event.number, now.wall))
    return acknowledged(session, event)


def learn(unit: UnitOfWork, address: str, lid: str | None, *, at: int, only_of_chats: bool = False) -> None:
    """Takes in that an address by number and a LID belong to one account, if both are known.

    Callers hear of it if they have seen a chat with one of them. Called before the message is stored that
    names both. at: milliseconds since 1970. only_of_chats: others are not kept, such as members of groups.
    """
    number = number_of(address)
    if number is None or lid is None or not is_lid(lid):
        return
    addresses = [address, lid]
    if only_of_chats and not unit.contacts.is_shown(addresses):
        return
    if unit.contacts.link(number, lid, at=at) and unit.contacts.is_shown(addresses):
        unit.add_event(contact_linked(lid, number, at))
