"""Events of the other sides of chats."""

import msgspec

from server.protocol.bounds import Address, Name, Number
from server.protocol.events.base import Event, Spooled
from store.records.reason import Reason


class ContactLinked(Spooled, frozen=True, tag="contact_linked", kw_only=True):
    """A LID and a number belong to one account. It moves no session."""

    #: `…@lid`.
    lid: Address
    #: Digits.
    number: Number


class FoundContact(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What WhatsApp knows of a number."""

    number: Number
    exists: bool
    #: By number.
    jid: Address | None = None
    lid: Address | None = None
    #: The name that a business has confirmed.
    name: Name | None = None


class Answered(Event, frozen=True, tag="answered", kw_only=True):
    """The answer to an Ask."""

    request: Name
    result: FoundContact


class Refused(Event, frozen=True, tag="refused", kw_only=True):
    """There is no answer to an Ask; the reason says why."""

    request: Name
    reason: Reason
