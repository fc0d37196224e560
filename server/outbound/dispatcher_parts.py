"""What the dispatchers of all sessions work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.domain.transitions import Now
from server.outbound.contact_checks import ContactChecks
from server.outbound.transactions import Within
from store.ports.outbox import OutboxStore
from store.records.sessions import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherParts:
    """What dispatchers work with."""

    outbox: OutboxStore
    within: Within
    now: Callable[[], Now]
    checks: ContactChecks
    #: The session's row.
    session: Callable[[str], Awaitable[Session | None]]
    #: The start of the session's connector, if its link is open and it can send; None: it cannot.
    link: Callable[[str], int | None]
    #: (session id, commands …)
    send: Callable[..., Awaitable[None]]
    #: Called with a session whose messages have changed.
    changed: Callable[[str], None]
    #: Messages a second, and first messages to new chats a minute. 0: no limit.
    rate: float
    new_chats_per_minute: float
