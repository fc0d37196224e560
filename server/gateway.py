"""The parts of a running front, put together: the only place that knows them all."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from server.changes import Changes
from server.clock import Clock
from server.config import Settings
from server.connectors import Connectors
from server.errors import ShuttingDown
from server.expiry import Expiry
from server.farewell import Farewell
from server.flights import Flights
from server.folders import StateFolder
from server.keys import Keys
from server.lifecycle import Lifecycle
from server.limits import Limits
from server.moves import Moves
from server.pairing_codes import PairingCodes
from server.reconcile import reconcile, take_back_codes
from server.refresh import Refresh
from server.sessions import Sessions
from server.supervisor import Supervisor
from server.watch import Watch
from store.database import Database
from store.keys import Keys as KeyRecord
from store.records import Session
from store.sessions import Sessions as Record


class StateInUse(Exception):
    """Another front owns this state folder."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the handlers use."""

    settings: Settings
    clock: Clock
    database: Database
    supervisor: Supervisor
    sessions: Sessions
    lifecycle: Lifecycle
    changes: Changes
    expiry: Expiry
    watch: Watch
    pairing_codes: PairingCodes
    flights: Flights[Session]
    keys: Keys
    limits: Limits

    async def stop_waiting(self) -> None:
        """Answer every request that waits with `shutting-down`."""
        self.changes.close(ShuttingDown())
        await self.flights.close(ShuttingDown())
        await self.pairing_codes.close(ShuttingDown())


@asynccontextmanager
async def gateway(settings: Settings, clock: Clock, supervisor: Supervisor) -> AsyncGenerator[Gateway]:
    """A front that owns the pipes of its state folder until the block ends.

    Raises StateInUse, StoreError.
    """
    folder = StateFolder(settings.state)
    with _owned(folder):
        async with (
            await Database.open(folder.database, boot_id=clock.boot_id) as database,
            _assembled(settings, clock, supervisor, database) as whole,
        ):
            yield whole


@asynccontextmanager
async def _assembled(
    settings: Settings, clock: Clock, supervisor: Supervisor, database: Database
) -> AsyncGenerator[Gateway]:
    record = Record(database)
    changes = Changes()
    flights: Flights[Session] = Flights()
    expiry = Expiry(clock, min_validity=settings.qr_min_validity)

    moves = Moves(record=record, changes=changes, clock=clock)
    connectors = Connectors(StateFolder(settings.state), supervisor, hear=moves.hear, have=moves.have)
    farewell = Farewell(connectors=connectors, changes=changes)
    refresh = Refresh(record=record, connectors=connectors, changes=changes, flights=flights, expiry=expiry)
    sessions = Sessions(
        record=record,
        connectors=connectors,
        moves=moves,
        refresh=refresh,
        farewell=farewell,
        clock=clock,
    )
    lifecycle = Lifecycle(
        record=record,
        connectors=connectors,
        changes=changes,
        moves=moves,
        refresh=refresh,
        farewell=farewell,
    )
    pairing_codes = PairingCodes(
        record=record, connectors=connectors, changes=changes, refresh=refresh, clock=clock
    )
    await take_back_codes(record)
    reconciling = asyncio.create_task(reconcile(record, moves, connectors), name="reconcile")
    try:
        yield Gateway(
            settings=settings,
            clock=clock,
            database=database,
            supervisor=supervisor,
            sessions=sessions,
            lifecycle=lifecycle,
            changes=changes,
            watch=Watch(record=record, changes=changes, refresh=refresh, expiry=expiry),
            pairing_codes=pairing_codes,
            expiry=expiry,
            flights=flights,
            keys=Keys(KeyRecord(database)),
            limits=Limits(settings.rate_limit),
        )
    finally:
        reconciling.cancel()
        await asyncio.gather(reconciling, return_exceptions=True)
        await flights.close(ShuttingDown())
        await pairing_codes.close(ShuttingDown())
        await connectors.close()


@contextmanager
def _owned(folder: StateFolder) -> Generator[None]:
    """A pipe has one reader and one writer: one front at a time owns those of a state folder."""
    descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateInUse(f"another front runs on {folder.path}") from None
        yield
    finally:
        os.close(descriptor)
