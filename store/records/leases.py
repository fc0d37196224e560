"""The record of a lease."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right of one process to refresh a session."""

    session_id: str
    #: Names the process that holds it.
    owner: str
    #: Grows with each grant of any lease, so that what a late holder does is distinguished.
    token: int
    #: Boot clock, seconds. 0: released.
    expires_at: float
    #: The boot whose clock this is.
    boot_id: str
