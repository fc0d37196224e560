"""The front that holds the pipes: its session service, and the work that goes on next to the requests."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from server.connectors.heartbeat import Heartbeat
from server.connectors.pool import ConnectorPool
from server.connectors.start_limiter import cores
from server.connectors.supervisor_client import SupervisorClient
from server.core.checked_clock import CheckedClock
from server.core.clock import Clock
from server.core.errors import ShuttingDown
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from server.core.single_flight import FlightOutcome, SingleFlight
from server.core.tasks import in_background, repeatedly
from server.core.trash import Trash
from server.domain.expiry import Expiry
from server.events.passing import PassingEvents
from server.events.retention import EventRetention
from server.messages.retention import Retention
from server.observability.metrics import Metrics
from server.outbound.contact_checks import ContactChecks
from server.outbound.dispatcher_parts import DispatcherParts
from server.outbound.dispatchers import Dispatchers
from server.outbound.links import OpenLinks
from server.outbound.retention import OutboundRetention
from server.sessions.admission import Admission
from server.sessions.connector_events import ConnectorEvents
from server.sessions.cool_downs import CoolDowns
from server.sessions.parts import SessionParts
from server.sessions.problems import ProblemReports
from server.sessions.reconciler import Reconciler
from server.sessions.refresh_lease import RefreshLeases
from server.sessions.service import Sessions
from server.sessions.start_queue import StartQueue
from server.sessions.state_machine import StateMachine
from server.sessions.subscriptions import Subscriptions
from server.streams.event_buffer import EventBuffer
from server.whatsapp_version import schedule
from server.whatsapp_version.look_up import look_up
from server.whatsapp_version.policy import policy
from server.whatsapp_version.service import REJECTED, VersionService
from store.ports.store import Store
from store.records.sessions import Session

#: Seconds between two sweeps of what the database keeps for a time.
SWEEP_SECONDS = 600.0


@asynccontextmanager
async def leading(
    settings: Settings,
    clock: Clock,
    expiry: Expiry,
    supervisor: SupervisorClient,
    store: Store,
    feed: EventBuffer,
    passing: PassingEvents,
    metrics: Metrics,
) -> AsyncGenerator[Sessions]:
    """Yields the session service of a leader, whose connectors are kept running until the block ends."""
    checked = CheckedClock(clock, StateFolder(settings.state).clock)
    await asyncio.to_thread(checked.load)
    trash = Trash(StateFolder(settings.state), checked)
    parts = _parts(settings, checked, expiry, supervisor, store, feed, passing, metrics, trash)
    service = Sessions(parts)
    reconciler = Reconciler(parts)
    parts.connectors.listener = ConnectorEvents(parts, service.pairing_codes, note_end=reconciler.note_end)
    heartbeat = Heartbeat(parts.connectors)
    retention = Retention(store.messages, checked.certain, keep=settings.message_retention)
    event_retention = EventRetention(
        store.events,
        checked.certain,
        keep=settings.message_retention,
        held_from=store.webhooks.held_from,
    )
    outbound_retention = OutboundRetention(store.outbox, checked.certain)
    sweep = partial(repeatedly, every=SWEEP_SECONDS)
    await reconciler.take_over()
    await parts.cool_downs.load()
    try:
        async with (
            in_background("reconcile", reconciler.run),
            in_background("heartbeat", heartbeat.run),
            in_background("clock", checked.run),
            in_background("retention", lambda: sweep(retention.forget)),
            in_background("event retention", lambda: sweep(event_retention.forget)),
            in_background("dispatchers", parts.dispatchers.run),
            in_background("outbound retention", lambda: sweep(outbound_retention.forget)),
            in_background("trash", lambda: trash.run(checked.certain)),
            in_background("versions", parts.versions.run),
            in_background("version look-ups", parts.versions.look_up_regularly),
        ):
            yield service
    finally:
        await service.close(ShuttingDown())
        await parts.connectors.close()


def _parts(
    settings: Settings,
    clock: Clock,
    expiry: Expiry,
    supervisor: SupervisorClient,
    store: Store,
    feed: EventBuffer,
    passing: PassingEvents,
    metrics: Metrics,
    trash: Trash,
) -> SessionParts:
    folder = StateFolder(settings.state)
    sessions = store.sessions
    subscriptions = Subscriptions(on_publish=feed.see)
    at_once = settings.start_concurrency or cores()
    connectors = ConnectorPool(folder, supervisor, trash=trash, at_once=at_once)
    cool_downs = CoolDowns(store.cool_downs, clock, metrics.registrations)
    metrics.connectors.watch_starts(lambda: connectors.starting()[1])
    metrics.watch_head_age(
        lambda: max((channel.head_age for channel in connectors.channels().values()), default=0.0)
    )
    state_machine = StateMachine(
        store=store,
        subscriptions=subscriptions,
        clock=clock,
        metrics=metrics,
        on_lost=connectors.abandon,
    )
    checks = ContactChecks(
        store.outbox,
        state_machine.within,
        state_machine.now,
        send=connectors.send,
        can_send=connectors.can_send,
    )
    problems = ProblemReports(passing, public_url=settings.public_url)

    def landed(outcome: FlightOutcome[Session]) -> None:
        metrics.codes.refreshed(outcome)
        problems.note(outcome)

    return SessionParts(
        settings=settings,
        clock=clock,
        expiry=expiry,
        metrics=metrics,
        sessions=sessions,
        leases=RefreshLeases(store.leases, clock),
        subscriptions=subscriptions,
        passing=passing,
        state_machine=state_machine,
        dispatchers=_dispatchers(settings, store, state_machine, connectors, checks, subscriptions),
        checks=checks,
        connectors=connectors,
        cool_downs=cool_downs,
        admission=Admission(
            settings,
            sessions,
            metrics.connectors,
            starting=connectors.starting,
            give_up_spares=connectors.give_up_spares,
        ),
        versions=_versions(settings, clock, metrics, connectors, cool_downs),
        start_queue=StartQueue(),
        single_flight=SingleFlight(landed=landed),
    )


def _versions(
    settings: Settings, clock: Clock, metrics: Metrics, connectors: ConnectorPool, cool_downs: CoolDowns
) -> VersionService:
    return VersionService(
        policy(settings),
        StateFolder(settings.state).whatsapp_version,
        clock,
        metrics.version,
        attached=lambda: [name for name, channel in connectors.channels().items() if channel.is_answered()],
        tell=connectors.set_version,
        changed=lambda: cool_downs.forget_reason(REJECTED),
        ask=lambda site: look_up(site, settings.proxy),
        pace=schedule.PACE,
    )


def _dispatchers(
    settings: Settings,
    store: Store,
    state_machine: StateMachine,
    connectors: ConnectorPool,
    checks: ContactChecks,
    subscriptions: Subscriptions,
) -> Dispatchers:
    links = OpenLinks()
    return Dispatchers(
        DispatcherParts(
            outbox=store.outbox,
            within=state_machine.within,
            now=state_machine.now,
            checks=checks,
            session=store.sessions.get,
            link=lambda session_id: links.epoch(session_id) if connectors.can_send(session_id) else None,
            send=connectors.send,
            changed=subscriptions.publish_messages,
            rate=settings.send_rate,
            new_chats_per_minute=settings.new_chat_rate,
        ),
        links,
    )
