"""The parts of a running front, put together: the only place that knows them all."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass

from aiohttp import web

from server.auth.api_keys import Keys
from server.auth.concurrency_limit import Seats
from server.auth.key_usage import noting
from server.auth.login_cookies import Logins
from server.auth.rate_limiter import Limits
from server.auth.scan_links import Links
from server.cluster.follower import Visitor, visiting
from server.cluster.leader import owning
from server.cluster.leader_lock import Ownership
from server.cluster.request_queue import Porter
from server.cluster.session_service import Desk
from server.connectors.supervisor_client import Supervisor
from server.core.clock import Clock
from server.core.errors import ShuttingDown
from server.core.paths import StateFolder
from server.core.settings import Settings
from server.core.single_flight import Flights
from server.core.tasks import beside
from server.domain.expiry import Expiry
from server.observability.metrics import Metrics
from server.streams.feed import Feed
from server.streams.feed_sync import Mirror
from store.records import Key
from store.sqlite.database import Database
from store.sqlite.keys import Keys as KeyRecord
from store.sqlite.logins import Logins as LoginRecord
from store.sqlite.messages import Messages
from store.sqlite.request_queue import Errands
from store.sqlite.sessions import Sessions as Record

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Gateway:
    """What the handlers use."""

    settings: Settings
    clock: Clock
    database: Database
    supervisor: Supervisor
    record: Record
    messages: Messages
    expiry: Expiry
    keys: Keys
    logins: Logins
    limits: Limits
    #: What happens to the sessions, whichever front does it.
    feed: Feed
    links: Links
    #: Of streams that came with a link.
    seats: Seats
    #: Of pictures: a page asks for one beside its stream.
    picture_seats: Seats
    metrics: Metrics
    visitor: Visitor
    #: Where callers are served: the visitor's, then the owner's once this front owns the pipes.
    desk: Desk
    #: Set once this front owns the pipes.
    owns: asyncio.Event
    #: Checks of readiness under way.
    checks: Flights[None]

    async def check_readiness(self) -> None:
        """Any number of checks at once cost one. Raises StoreError, SupervisorUnavailable."""
        await asyncio.shield(self.checks.join("readiness", self._check))

    async def _check(self) -> None:
        await self.database.check()
        await self.supervisor.ping()

    async def stop_waiting(self) -> None:
        """Answer every request that waits with `shutting-down`."""
        self.feed.close(ShuttingDown())
        await self.desk.close(ShuttingDown())
        await self.visitor.close(ShuttingDown())
        await self.checks.close(ShuttingDown())


#: Where handlers find it.
GATEWAY = web.AppKey("gateway", Gateway)
#: The key that a request came with, for handlers whose route has no `{id}`: see Route.narrows.
KEY = web.RequestKey("key", Key)
#: The id of the session whose link a request came with: its address does not say it.
LINKED = web.RequestKey("linked", str)


@asynccontextmanager
async def gateway(settings: Settings, clock: Clock, supervisor: Supervisor) -> AsyncGenerator[Gateway]:
    """A front: it owns the pipes of its state folder, or waits for the one that does to go.

    Raises StoreError.
    """
    folder = StateFolder(settings.state)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            await Database.open(folder.database, boot_id=clock.boot_id)
        )
        ownership = stack.enter_context(closing(Ownership(folder)))
        keys = KeyRecord(database)
        usage = await stack.enter_async_context(noting(keys, clock))
        visitor = await stack.enter_async_context(visiting(settings, clock, database))
        record = Record(database)
        logins = Logins(LoginRecord(database), clock)
        whole = Gateway(
            settings=settings,
            clock=clock,
            database=database,
            supervisor=supervisor,
            record=record,
            messages=Messages(database),
            expiry=Expiry(clock, min_validity=settings.qr_min_validity),
            keys=Keys(keys, logins, usage, clock),
            logins=logins,
            limits=Limits(settings.rate_limit),
            feed=Feed(await record.all()),
            links=Links(folder.link_key),
            seats=Seats(),
            picture_seats=Seats(),
            metrics=Metrics(clock),
            visitor=visitor,
            desk=visitor,
            owns=asyncio.Event(),
            checks=Flights(),
        )
        if ownership.take():
            await _own(whole, stack)
        else:
            await stack.enter_async_context(beside("succession", lambda: _succeed(whole, ownership, stack)))
        yield whole


async def _succeed(whole: Gateway, ownership: Ownership, stack: AsyncExitStack) -> None:
    """Take the pipes over from an owner that is gone."""
    log.info("event=visiting")
    mirror = Mirror(whole.database, whole.record, whole.feed)
    async with beside("mirror", mirror.run):
        await ownership.wait()
    await _own(whole, stack)


async def _own(whole: Gateway, stack: AsyncExitStack) -> None:
    owner = await stack.enter_async_context(
        owning(
            whole.settings,
            whole.clock,
            whole.expiry,
            whole.supervisor,
            whole.database,
            whole.feed,
            whole.metrics,
        )
    )
    log.info("event=owning")
    whole.desk = owner
    whole.owns.set()
    porter = Porter(Errands(whole.database), owner, whole.clock)
    door = StateFolder(whole.settings.state).door
    await stack.enter_async_context(beside("porter", lambda: porter.run(door)))
