"""Commands: the lines that the front writes to a connector's pipe."""

import msgspec

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
