"""Records of webhooks. Moments are milliseconds since 1970, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A server to which events are pushed."""

    #: `wh_…`, random.
    id: str
    #: It may contain a secret of its owner: no log shows it.
    url: str = field(repr=False)
    #: Types of the events that it gets. None: all that are logged.
    types: tuple[str, ...] | None = None
    #: Whose events it gets. None: those of every session.
    sessions: tuple[str, ...] | None = None
    #: Headers that each delivery carries. They may be secrets: no log shows them.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: It signs deliveries.
    secret: str = field(repr=False)
    #: The secret before the last rotation, which signs as well until `old_until`.
    old_secret: str | None = field(default=None, repr=False)
    old_until: int | None = None
    #: Seconds after which an event is given up.
    give_up_after: int
    #: Why nothing is delivered. None: it is.
    disabled: str | None = None
    #: Since when no delivery arrives. None: they do.
    failing_since: int | None = None
    #: Why not.
    failure: str | None = None
    #: The number of the newest event when it was made: deliveries begin behind it. The store sets it.
    first: int = 0
    #: The key that changed it last, if that is bound to sessions: see `maker_of`. None: another key did.
    maker: str | None = None
    #: For each session that it names, the number behind which it has events of it: none of a session that had
    #: the id before. The store sets it.
    begins: Mapping[str, int] = field(default_factory=dict)
    #: Grows with each change by a caller.
    version: int = 1
    created_at: int

    def wants(self, session_id: str) -> bool:
        """Whether it gets events of this session."""
        return self.sessions is None or session_id in self.sessions

    def may_take_more_than(self, earlier: "Webhook") -> bool:
        """Whether it may take what it refused: it has another URL, other headers, or is enabled again."""
        return (
            self.url != earlier.url
            or self.headers != earlier.headers
            or (self.disabled is None and earlier.disabled is not None)
        )

    def begins_with(self, session_id: str) -> int:
        """Returns the number behind which it may get events of a session, in a replay too."""
        return self.begins.get(session_id, self.first)

    def secrets(self, now: int) -> list[str]:
        """Returns the secrets that sign at this moment, the newest first."""
        if self.old_secret is None or self.old_until is None or self.old_until <= now:
            return [self.secret]
        return [self.secret, self.old_secret]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """How far a webhook has got with the events of one session."""

    webhook_id: str
    session_id: str
    #: The number of the last event that is delivered, dead or not wanted.
    done: int
    #: Failed tries of the event behind it.
    tries: int = 0
    #: When that event is tried again.
    next_at: int = 0
    #: Why its last try failed.
    error: str | None = None
    #: Events that are older count as old as this.
    since: int = 0
    #: Grows with each replay, and if failed tries count no longer.
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that was given up."""

    webhook_id: str
    #: The number of the event.
    event: int
    session_id: str
    tries: int
    #: Why the last try failed.
    error: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDeadLetter:
    """A dead letter with its event, as callers see it."""

    event_id: str
    type: str
    session_id: str
    #: The moment of the event.
    happened_at: int
    tries: int
    error: str
    #: When it was given up.
    at: int
    #: The place of the event in the log.
    cursor: str
    #: Whether one more try was requested.
    replay: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt to deliver an event."""

    webhook_id: str
    event_id: str
    type: str
    #: None for a test.
    session_id: str | None
    #: Which try of its event, from 1.
    ordinal: int
    at: int
    #: Milliseconds.
    took: int
    #: What the webhook answered; None if it did not.
    status: int | None
    #: Why it failed. None: it was delivered.
    error: str | None


@dataclass(slots=True)
class Progress:
    """What a deliverer writes in one transaction."""

    #: By webhook and session, the newest state of each.
    lanes: dict[tuple[str, str], Lane] = field(default_factory=dict)
    #: Events that were given up, and the version of their lane.
    dead: list[tuple[DeadLetter, int]] = field(default_factory=list)
    #: Dead letters that were tried once more and failed, and the version of the webhook that was tried. If a
    #: caller has changed it since, a try that was requested is still to be made.
    failed_again: list[tuple[DeadLetter, int]] = field(default_factory=list)
    #: Dead letters that arrived after all: webhook and number of the event.
    arrived: list[tuple[str, int]] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    #: By id, webhooks whose `failing_since` and `failure` have changed. If one has another URL now, what was
    #: found out at this one is not written.
    shown: dict[str, Webhook] = field(default_factory=dict)

    def __len__(self) -> int:
        """Returns how many deliveries it has, about: most of them move a lane, and all of them were tries."""
        moved = max(len(self.lanes), len(self.tries), len(self.shown))
        return moved + len(self.dead) + len(self.failed_again) + len(self.arrived)
