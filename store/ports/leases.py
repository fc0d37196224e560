"""The port of leases."""

from typing import Protocol

from store.records.leases import Lease


class LeaseStore(Protocol):
    """Leases: which process may refresh a session, and until when.

    A lease goes with its session. Tokens grow over all leases: a process that was suspended may come back
    with an old token, and must not find it granted again to a session that was made under the same id.

    now: boot clock, seconds. ttl: seconds. token: as `take` gave it; one that is late changes nothing.
    """

    async def take(self, session_id: str, *, owner: str, now: float, ttl: float) -> int | None:
        """The new token; None while somebody holds the lease, the same owner included."""

    async def renew(self, session_id: str, *, owner: str, token: int, now: float, ttl: float) -> bool:
        """Whether it was still held, and now is until `now + ttl`."""

    async def release(self, session_id: str, *, owner: str, token: int) -> bool:
        """Gives the lease back. False: it had passed to another, or never was this owner's."""

    async def get(self, session_id: str) -> Lease | None:
        """The newest lease, which may have run out."""

    async def of_deleted_sessions(self) -> list[str]:
        """The ids of sessions that are gone and have a lease."""

    async def forget(self, session_id: str) -> None:
        """Removes the lease of a session that is gone."""
