"""The record of a request that a follower queues for the leader."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRequest:
    """What a follower asks of the leader."""

    id: int
    session_id: str
    #: `refresh`, `create`, `delete` …
    verb: str
    #: JSON. It may contain the password of a proxy.
    argument: str = field(repr=False)
    #: Boot clock, seconds: the follower waits no longer.
    until: float
