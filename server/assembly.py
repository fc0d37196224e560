"""Puts the parts of a front together: the only place that knows them all."""

import asyncio
import logging
import resource
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from server.auth.api_keys import ApiKeys
from server.auth.concurrency_limit import ConcurrencyLimit
from server.auth.key_usage import recording_key_usage
from server.auth.login_cookies import LoginCookies
from server.auth.pairing_limiter import PairingLimiter
from server.auth.rate_limiter import RateLimiter
from server.auth.scan_links import ScanLinks
from server.cluster.follower import Follower, following
from server.cluster.leader import leading
from server.cluster.leader_lock import LeaderLock
from server.cluster.request_queue import RequestWorker
from server.cluster.session_service import SessionService
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import Clock
from server.core.errors import ShuttingDown, no_such_session
from server.core.log_events import log_event
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from server.core.tasks import in_background
from server.core.version import VERSION
from server.domain.expiry import Expiry
from server.events.notifier import Notifier
from server.events.passing import PassingEvents
from server.observability.metrics import Metrics
from server.observability.readiness import Readiness
from server.outbound.outbox import Outbox
from server.streams.event_buffer import EventBuffer
from server.streams.event_tail import EventTail
from server.streams.stream_limit import StreamLimit
from server.webhooks.code_sender import CodeSender
from server.webhooks.http_client import WebhookClient
from server.webhooks.passing_sender import PassingSender
from server.webhooks.service import Webhooks
from store.ports.store import Store
from store.records.events import NewEvent
from store.records.keys import Key
from store.records.messages import MessageLimits
from store.sqlite.message_bound import MessageBound
from store.sqlite.store import open_store

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Gateway:
    """What the handlers use."""

    settings: Settings
    clock: Clock
    store: Store
    supervisor: SupervisorClient
    expiry: Expiry
    keys: ApiKeys
    logins: LoginCookies
    rate_limiter: RateLimiter
    #: Notified after each commit of events by this front.
    notifier: Notifier
    #: Notified when a caller has changed a webhook.
    webhook_changes: Notifier
    #: Sends to webhooks what no log has: codes, `typing`, tests. A process of its own delivers the log.
    webhook_client: WebhookClient
    webhooks: Webhooks
    #: Changes of sessions, for streams.
    feed: EventBuffer
    #: Events that no log keeps, of connectors of this front.
    passing: PassingEvents
    #: The newest events of the log, for streams and for requests that wait.
    tail: EventTail
    links: ScanLinks
    #: Of streams that came with a link.
    concurrency_limit: ConcurrencyLimit
    #: Of pictures: a page loads one in addition to its stream.
    picture_limit: ConcurrencyLimit
    #: Of all streams of events.
    stream_limit: StreamLimit
    #: Of pairing codes that were requested with a link.
    pairing_limiter: PairingLimiter
    metrics: Metrics
    follower: Follower
    #: What serves the requests: the follower, then the service of a leader once this front has the pipes.
    service: SessionService
    #: Set once this front has the pipes.
    leads: asyncio.Event
    readiness: Readiness
    #: Takes messages from callers.
    outbox: Outbox

    async def stop_waiting(self) -> None:
        """Answers every request that waits with `shutting-down`."""
        self.feed.close(ShuttingDown())
        self.tail.close(ShuttingDown())
        await self.service.close(ShuttingDown())
        await self.follower.close(ShuttingDown())
        await self.readiness.close(ShuttingDown())


#: The key under which handlers find the gateway.
GATEWAY = web.AppKey("gateway", Gateway)
#: The key that a request came with, for handlers whose route has no `{id}`: see Route.filters_by_key.
KEY = web.RequestKey("key", Key)
#: The id of the session whose link a request came with: its address does not say it.
LINKED = web.RequestKey("linked", str)


#: Has the event log delivered to webhooks until it is cancelled.
Deliver = Callable[[Gateway], Coroutine[Any, Any, None]]


@asynccontextmanager
async def gateway(
    settings: Settings, clock: Clock, supervisor: SupervisorClient, *, deliver: Deliver
) -> AsyncGenerator[Gateway]:
    """Yields a front. It leads if it gets the lock of its state folder; else it follows until it gets it.

    Only a front that leads migrates the database: another one may be of an older version.

    deliver: runs while this front leads. Raises StoreError.
    """
    folder = StateFolder(settings.state)
    async with AsyncExitStack() as stack:
        lock = stack.enter_context(closing(LeaderLock(folder)))
        leads = lock.take()
        metrics = Metrics(clock)
        notifier = Notifier()
        store = await stack.enter_async_context(
            open_store(
                folder.database,
                boot_id=clock.boot_id,
                migrates=leads,
                missing=no_such_session,
                bound=_message_bound(settings, metrics),
                on_events=_events_written(notifier, metrics),
                on_events_removed=_events_removed(metrics),
            )
        )
        usage = await stack.enter_async_context(recording_key_usage(store.keys, clock))
        feed = EventBuffer(await store.sessions.all(), on_entry=notifier.notify)
        tail = EventTail(store, notifier, feed)
        await stack.enter_async_context(in_background("event tail", tail.run))
        follower = await stack.enter_async_context(following(settings, clock, store, feed))
        logins = LoginCookies(store.logins, clock)
        webhook_changes = Notifier()
        client = await stack.enter_async_context(
            WebhookClient(allow_private=settings.allow_private_webhooks, allow_loopback=settings.sandbox)
        )
        whole = Gateway(
            settings=settings,
            clock=clock,
            store=store,
            supervisor=supervisor,
            expiry=Expiry(clock, min_validity=settings.qr_min_validity),
            keys=ApiKeys(store.keys, logins, usage, clock),
            logins=logins,
            rate_limiter=RateLimiter(settings.rate_limit),
            notifier=notifier,
            webhook_changes=webhook_changes,
            webhook_client=client,
            webhooks=Webhooks(store.webhooks, store.events, clock, client, webhook_changes),
            feed=feed,
            passing=PassingEvents(clock),
            tail=tail,
            links=ScanLinks(folder.link_key),
            concurrency_limit=ConcurrencyLimit(),
            picture_limit=ConcurrencyLimit(),
            stream_limit=StreamLimit(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
            pairing_limiter=PairingLimiter(),
            metrics=metrics,
            follower=follower,
            service=follower,
            leads=asyncio.Event(),
            readiness=Readiness(store, supervisor, clock),
            outbox=Outbox(
                store,
                lambda: whole.service.now(),
                wake=lambda session_id: whole.service.wake_dispatcher(session_id),
            ),
        )
        if leads:
            await _lead(whole, stack, deliver)
        else:
            await stack.enter_async_context(
                in_background("succession", lambda: _succeed(whole, lock, stack, deliver))
            )
        yield whole


def _message_bound(settings: Settings, metrics: Metrics) -> MessageBound:
    """Returns the bound of the messages of each session. What it removes is counted and logged."""

    def removed(session_id: str, number: int) -> None:
        metrics.messages_removed(number)
        log_event(log.warning, "messages_removed", session=session_id, count=number)

    limits = MessageLimits(number=settings.max_messages, bytes=settings.max_message_storage * 2**20)
    return MessageBound(limits, on_removed=removed)


def _events_written(notifier: Notifier, metrics: Metrics) -> Callable[[Sequence[NewEvent]], None]:
    """Returns what wakes the readers of events that this front has written, and counts what they say."""

    def written(events: Sequence[NewEvent]) -> None:
        notifier.notify()
        metrics.messages.written(events)

    return written


def _events_removed(metrics: Metrics) -> Callable[[str, int], None]:
    """Returns what counts and logs the events that were removed because their session had too many."""

    def removed(session_id: str, number: int) -> None:
        metrics.events_removed(number)
        log_event(log.warning, "events_removed", session=session_id, count=number)

    return removed


async def _succeed(whole: Gateway, lock: LeaderLock, stack: AsyncExitStack, deliver: Deliver) -> None:
    """Takes the pipes over when the leader is gone."""
    log_event(log.info, "visiting", version=VERSION)
    await lock.wait()
    await _lead(whole, stack, deliver)


async def _lead(whole: Gateway, stack: AsyncExitStack, deliver: Deliver) -> None:
    whole.follower.poller.stop_feeding()
    # The last changes of a former leader, and all that it did while no stream followed.
    whole.feed.see_all(await whole.store.sessions.all())
    service = await stack.enter_async_context(
        leading(
            whole.settings,
            whole.clock,
            whole.expiry,
            whole.supervisor,
            whole.store,
            whole.feed,
            whole.passing,
            whole.metrics,
        )
    )
    log_event(log.info, "owning", version=VERSION)
    whole.service = service
    whole.leads.set()
    worker = RequestWorker(whole.store.requests, service, whole.clock)
    wakeup_pipe = StateFolder(whole.settings.state).wakeup_pipe
    await stack.enter_async_context(in_background("webhooks", lambda: deliver(whole)))
    codes = CodeSender(whole.store.webhooks, whole.clock, whole.expiry, whole.webhook_client)
    await stack.enter_async_context(in_background("codes", lambda: codes.run(whole.feed.codes())))
    passing = PassingSender(whole.store.webhooks, whole.clock, whole.webhook_client, whole.passing)
    await stack.enter_async_context(in_background("passing events", passing.run))
    await stack.enter_async_context(
        in_background("request worker", lambda: worker.run(wakeup_pipe, on_wake=service.look_for_messages))
    )
