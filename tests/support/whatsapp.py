"""What the fake connectors find at the other end, as a test sets it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from store.records.reason import Reason


@dataclass
class FakeWhatsApp:
    """Gives codes to each client that opens a socket."""

    #: Seconds each code of a socket is shown.
    lifetimes: tuple[float, ...] = (60, 20, 20, 20, 20, 20)
    #: Why every socket closes at once; None: it does not.
    refusal: Reason | None = None
    #: Why every login of a linked device is refused; None: it is not.
    login_refusal: Reason | None = None
    #: Seconds for which it says that it will refuse.
    refuses_for: float | None = None
    #: Whether it answers requests for pairing codes.
    gives_pairing_codes: bool = True
    #: Versions below this one are answered 405; None: none are.
    oldest_version: str | None = None
    #: Logins that are not answered before the test calls them. None: each is answered at once.
    held: list[Callable[[], None]] | None = None
    #: (session id, version) of each socket that was opened, refused or not.
    opened_with: list[tuple[str, str | None]] = field(default_factory=list)
    #: Whether sockets stay without a code.
    silent: bool = False
    #: Whether connectors are slow to load: they say nothing until the test lets them.
    slow: bool = False
    #: Whether it confirms that a device is gone.
    hears_logouts: bool = True
    #: Whether it confirms messages.
    takes_messages: bool = True
    #: Whether it refuses to say whether a number has an account.
    refuses_questions: bool = False
    #: Numbers that have no account.
    unknown_numbers: set[str] = field(default_factory=set)
    #: The LIDs that it tells, by number.
    lids: dict[str, str] = field(default_factory=dict)
    #: Sockets that asked to register.
    registrations: int = 0
    #: Sockets that logged in.
    logins: int = 0
    #: Sockets that are open now, by session id.
    sockets: Counter[str] = field(default_factory=Counter)
    #: The most sockets that one session ever had at once.
    most_at_once: int = 0
    #: Accounts, by session id: their credentials outlive the connector.
    paired: dict[str, str] = field(default_factory=dict)

    def refuses(self, version: str | None) -> bool:
        """Whether a link that announces this version is answered 405."""
        return self.oldest_version is not None and _numbers(version) < _numbers(self.oldest_version)

    def open(self, session_id: str) -> None:
        """A session opens a socket."""
        self.sockets[session_id] += 1
        self.most_at_once = max(self.most_at_once, self.sockets[session_id])

    def close(self, session_id: str) -> None:
        """A session's socket closes."""
        self.sockets[session_id] -= 1


def _numbers(version: str | None) -> list[int]:
    return [int(number) for number in (version or "0").split(".")]
