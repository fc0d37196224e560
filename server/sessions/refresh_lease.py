"""The advisory row that gives one process the right to refresh a session."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from server.core.clock import Clock
from store.ports import LeaseStore

#: Seconds that a right lasts when its holder dies. The next one waits for its end inside a read's time-out.
LEASE_SECONDS = 4.0
#: Seconds between two renewals.
RENEWAL_SECONDS = 1.0


class RefreshLeases:
    """The leases that this process takes."""

    def __init__(self, leases: LeaseStore, clock: Clock) -> None:
        self._leases = leases
        self._clock = clock
        self._owner = secrets.token_hex(8)
        #: One holder in this process at a time: what one is giving back, the next need not wait out.
        self._start_queue: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def to_refresh(self, session_id: str) -> AsyncGenerator[None]:
        """Hold the session's lease for the block. Where a dead process holds it, wait for its end first."""
        async with self._start_queue.setdefault(session_id, asyncio.Lock()):
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
        """One try. What is cancelled meanwhile is written all the same: that lease is given back at once."""
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
        """Shielded: who is cancelled twice would keep the lease until it runs out, and the next one wait."""
        await asyncio.gather(renewing, return_exceptions=True)
        await self._leases.release(session_id, owner=self._owner, token=token)

    async def _renew(self, session_id: str, token: int) -> None:
        """Until the block ends, or the lease has run out, as where the process was suspended for long."""
        held = True
        while held:
            await asyncio.sleep(RENEWAL_SECONDS)
            held = await self._leases.renew(
                session_id, owner=self._owner, token=token, now=self._clock.boot(), ttl=LEASE_SECONDS
            )
