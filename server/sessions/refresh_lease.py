"""Leases: an advisory row gives one process the right to refresh a session."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from server.core.clock import Clock
from server.core.log_events import log_event
from store.errors import StoreError
from store.ports.leases import LeaseStore

log = logging.getLogger(__name__)

#: Seconds until a lease ends whose holder has died: less than the time-out of a read that waits for it.
LEASE_SECONDS = 4.0
#: Seconds between two renewals.
RENEWAL_SECONDS = 1.0


class RefreshLeases:
    """The leases that this process takes."""

    def __init__(self, leases: LeaseStore, clock: Clock) -> None:
        self._leases = leases
        self._clock = clock
        self._owner = secrets.token_hex(8)
        #: Locks, by session id: in this process the next holder waits for the release, not the expiry.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def to_refresh(self, session_id: str) -> AsyncGenerator[None]:
        """Holds the session's lease in the block. Waits first until the lease of a dead process ends."""
        async with self._locks.setdefault(session_id, asyncio.Lock()):
            token = await self._take(session_id)
            renewing = asyncio.create_task(self._renew(session_id, token), name=f"lease {session_id}")
            try:
                yield
            finally:
                renewing.cancel()
                await asyncio.shield(self._give_back(session_id, token, renewing))

    async def _take(self, session_id: str) -> int:
        while True:
            token = await self._tried(session_id)
            if token is not None:
                return token
            lease = await self._leases.get(session_id)
            await asyncio.sleep(max(lease.expires_at - self._clock.boot(), 0.0) if lease else 0.0)

    async def _tried(self, session_id: str) -> int | None:
        """Tries once. If this is cancelled, the lease may still be taken: it is then released at once."""
        now = self._clock.boot()
        taking = asyncio.create_task(
            self._leases.take(session_id, owner=self._owner, now=now, ttl=LEASE_SECONDS)
        )
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.shield(self._undo(session_id, taking))
            raise

    async def _undo(self, session_id: str, taking: asyncio.Task[int | None]) -> None:
        token = await taking
        if token is not None:
            await self._leases.release(session_id, owner=self._owner, token=token)

    async def _give_back(self, session_id: str, token: int, renewing: asyncio.Task[None]) -> None:
        """Releases the lease. Shielded: a second cancellation must not leave it until it expires.

        A lease that cannot be released expires by itself: that is no reason to fail the refresh.
        """
        await asyncio.gather(renewing, return_exceptions=True)
        try:
            await self._leases.release(session_id, owner=self._owner, token=token)
        except StoreError as error:
            log_event(log.warning, "lease_not_released", session=session_id, error=error)

    async def _renew(self, session_id: str, token: int) -> None:
        """Renews until the block ends, or the lease has expired because the process was suspended."""
        held = True
        while held:
            await asyncio.sleep(RENEWAL_SECONDS)
            held = await self._leases.renew(
                session_id, owner=self._owner, token=token, now=self._clock.boot(), ttl=LEASE_SECONDS
            )
