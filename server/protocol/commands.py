"""What the front says: the lines that go down a connector's pipe, as types."""

import msgspec

#: The device name of a session that has none of its own.
DEVICE_NAME = "Motte"


class Command(msgspec.Struct, frozen=True, tag_field="command", rename="camel", kw_only=True):
    """One line down the pipe."""

    def line(self) -> bytes:
        """The command as JSON, with its newline."""
        return msgspec.json.encode(self) + b"\n"


class LinkOptions(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a connector opens its links to WhatsApp with. A change reaches it by SetLink."""

    #: Version of WhatsApp Web, such as `2.3000.1043857760`. None: the one that Baileys brings.
    version: str | None = None
    #: What the phone lists under Linked devices.
    device_name: str = DEVICE_NAME
    #: URL of the proxy that carries the link. It may hold a password. None: no proxy.
    proxy: str | None = None

    def registers_like(self, other: "LinkOptions") -> bool:
        """Whether an unpaired connector keeps its socket and its codes when one replaces the other."""
        return (self.device_name, self.proxy) == (other.device_name, other.proxy)

    def __repr__(self) -> str:
        """Leaves the proxy out: its password belongs into no log."""
        return f"LinkOptions(version={self.version!r}, device_name={self.device_name!r})"


class Hello(Command, frozen=True, tag="hello", kw_only=True):
    """A front is here. Answered by Ready, the spooled events after `have`, and a Snapshot."""

    #: New for each front process, so that an answer meant for another is not taken for ours.
    front: str
    #: Sequence number of the last spooled event that the front holds.
    have: int
    #: The newest start of the connector that the record knows.
    epoch: int
    #: The account whose credentials should be there, digits without `+`; None: nobody's.
    account: str | None
    #: What the connector opens its links with. It opens none before a hello.
    link: LinkOptions
    #: Whether an unpaired connector that has no link may open one, and so register a device.
    may_register: bool

    def line(self) -> bytes:
        """A greeting starts on a line of its own, so that a torn line of a killed writer ends there."""
        return b"\n" + super().line()


class Ack(Command, frozen=True, tag="ack", kw_only=True):
    """Spooled events up to `seq` are stored and may be forgotten."""

    seq: int


class Ping(Command, frozen=True, tag="ping"):
    """Do you hear? Answered by Pong, or by any other line."""


class Close(Command, frozen=True, tag="close"):
    """End the socket and go to sleep. Only an unpaired connector obeys."""


class Logout(Command, frozen=True, tag="logout"):
    """Tell WhatsApp that this device leaves, wipe the credentials. Answered by LoggedOut."""


class PairByCode(Command, frozen=True, tag="pair_by_code", kw_only=True):
    """Ask for a code to type on the phone."""

    request: str
    #: Digits without `+`.
    phone_number: str


class SetLink(Command, frozen=True, tag="set_link", kw_only=True):
    """Use these options for the next link."""

    link: LinkOptions
