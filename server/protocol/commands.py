"""Commands: the lines that the front writes to a connector's pipe."""

from typing import Literal

import msgspec

from server.protocol.bounds import Moment, Name, Text
from server.protocol.content import Contact, Location, Mentions, MessageReference, Quote

#: The device name of a session without a name of its own.
DEVICE_NAME = "Motte"


class Command(msgspec.Struct, frozen=True, tag_field="command", rename="camel", kw_only=True):
    """One line for the connector."""

    def line(self) -> bytes:
        """Returns the command as JSON, with a newline."""
        return msgspec.json.encode(self) + b"\n"


class LinkOptions(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Options of a connector's links to WhatsApp. SetLink changes them."""

    #: Version of WhatsApp Web, such as `2.3000.1043857760`. None: the version that Baileys contains.
    version: str | None = None
    #: Name that the phone shows under Linked devices.
    device_name: str = DEVICE_NAME
    #: URL of the proxy that carries the link. It may hold a password. None: no proxy.
    proxy: str | None = None

    def registers_like(self, other: "LinkOptions") -> bool:
        """Whether an unpaired connector keeps its socket and its codes when one replaces the other."""
        return (self.device_name, self.proxy) == (other.device_name, other.proxy)

    def __repr__(self) -> str:
        """Omits the proxy: its password must not be logged."""
        return f"LinkOptions(version={self.version!r}, device_name={self.device_name!r})"


class Hello(Command, frozen=True, tag="hello", kw_only=True):
    """Introduces the front. Answered by Ready, the spooled events after `have`, and a Snapshot."""

    #: Different for each front process, so that a front ignores the Ready of another one.
    front: str
    #: Sequence number of the last spooled event that the front has stored.
    have: int
    #: The newest epoch in the database.
    epoch: int
    #: The account whose credentials the connector must have, digits without `+`. None: no account.
    account: str | None
    #: Options of the connector's links. It opens no link before a hello.
    link: LinkOptions
    #: Whether an unpaired connector without a link may open one, which registers a device.
    may_register: bool
    #: Whether the session's folder or the database came from a backup. The connector then begins new Signal
    #: sessions before it sends anything: a key that was used once must not be used again.
    restored: bool = False
    #: Names of the events that the front knows. The connector keeps others for a front that knows them.
    understands: tuple[str, ...] = ()
    #: Seconds for which the front keeps a message: the connector erases texts that are older.
    retention: float

    def line(self) -> bytes:
        """Returns the line with a newline before it, which ends a partial line of a front that was killed."""
        return b"\n" + super().line()


class Ack(Command, frozen=True, tag="ack", kw_only=True):
    """Acknowledges spooled events up to `seq`, which the connector may delete."""

    seq: int


class Ping(Command, frozen=True, tag="ping"):
    """Asks for a sign of life. The connector answers with Pong; any other line counts too."""


class Close(Command, frozen=True, tag="close"):
    """Closes the socket and ends the process. Only an unpaired connector obeys."""


class Logout(Command, frozen=True, tag="logout"):
    """Unlinks this device from the account and deletes the credentials. Answered by LoggedOut."""


class PairByCode(Command, frozen=True, tag="pair_by_code", kw_only=True):
    """Requests a pairing code, which is typed on the phone."""

    request: str
    #: Digits without `+`.
    phone_number: str


class SetLink(Command, frozen=True, tag="set_link", kw_only=True):
    """Sets the options of the next link."""

    link: LinkOptions


class Quoted(Quote, frozen=True, kw_only=True):
    """The message that a reply quotes, with MAX_QUOTED_UNITS of its text at most."""

    from_me: bool = False


class Target(MessageReference, frozen=True, kw_only=True):
    """The message that a reaction, an edit or a revoke is about."""

    from_me: bool = False


class Outgoing(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What a message says: its kind, and the keys of that kind. Others are left out of the line."""

    kind: Literal["text", "location", "contact", "reaction", "edit", "revoke"]
    #: Of a text or an edit, at most 65,536 UTF-16 units.
    text: Text | None = None
    reply_to: Quoted | None = None
    #: Addresses, as `49…@s.whatsapp.net`.
    mentions: Mentions = []
    #: Of a reaction, an edit or a revoke.
    target: Target | None = None
    #: Of a reaction. None: the reaction is taken away.
    emoji: Name | None = None
    location: Location | None = None
    contact: Contact | None = None

    def __repr__(self) -> str:
        """Leaves the content out: no log contains what somebody wrote."""
        return f"Outgoing(kind={self.kind!r})"


class Send(Command, frozen=True, tag="send", kw_only=True):
    """Sends a message. MessageMoved answers it, now or after any number of starts.

    A connector that knows the id sends nothing: it says again what became of the message.
    """

    #: Made by the front, and the same in every hand-over of the message.
    id: str
    #: `…@s.whatsapp.net`, `…@lid` or `…@g.us`.
    chat: str
    message: Outgoing
    #: Seconds for which the chat sees that somebody types, 0 to 10, before the message is sent.
    typing: float = 0
    #: What to do with a message of which nobody knows whether WhatsApp has it: send it again, or let it fail.
    on_doubt: Literal["resend", "fail"] = "resend"
    #: Whether it was handed over before, or may have been.
    again: bool = False
    #: When it is not worth sending any more: boot clock, seconds. One that WhatsApp cannot have has expired
    #: then; one that it may have is in doubt. A connector of an older version sends it all the same.
    until: Moment


class ReadKey(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A message that was read."""

    id: str
    sender: str
    from_me: bool = False


class MarkRead(Command, frozen=True, tag="mark_read", kw_only=True):
    """Marks messages of a chat as read. Its senders see it, unless the account hides that."""

    chat: str
    keys: tuple[ReadKey, ...]


TypingKind = Literal["text", "voice"]


class Type(Command, frozen=True, tag="type", kw_only=True):
    """Shows a chat that somebody types, or records a voice message."""

    chat: str
    #: 0 to 25: WhatsApp's apps hide it after about that time.
    seconds: float
    kind: TypingKind = "text"


class Ask(Command, frozen=True, tag="ask", kw_only=True):
    """Asks WhatsApp something. Answered by Answered or Refused with the same `request`."""

    request: str
    #: contact: whether a number has WhatsApp.
    what: Literal["contact"]
    #: Digits without `+`.
    number: str
