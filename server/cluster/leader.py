"""The front that owns the pipes: it does what callers ask."""

import secrets
from collections.abc import AsyncGenerator, Set
from contextlib import asynccontextmanager

from server.connectors.channel import ChannelListener
from server.connectors.heartbeat import Heartbeat
from server.connectors.link_options import LinkSettings
from server.connectors.pool import ConnectorPool
from server.connectors.start_limiter import cores
from server.connectors.supervisor_client import SupervisorClient
from server.core.clock import Clock
from server.core.errors import MotteError, ShuttingDown
from server.core.paths import StateFolder
from server.core.settings import Settings
from server.core.single_flight import SingleFlight
from server.core.tasks import beside
from server.core.trash import Trash
from server.domain.expiry import Expiry
from server.domain.session_fields import SessionFields
from server.domain.states import UNPAIRED
from server.messages.retention import Retention
from server.observability.metrics import Metrics
from server.protocol.events import AnyEvent, Closed, Ended, PairingCodeWithdrawn, QrIssued
from server.sessions.cool_downs import CoolDowns
from server.sessions.lifecycle import Lifecycle
from server.sessions.logout import LogoutSender
from server.sessions.long_poll import LongPoll
from server.sessions.pairing_codes import PairingCode, PairingCodes
from server.sessions.reconciler import reconcile, take_back_codes
from server.sessions.refresh import Refresh
from server.sessions.refresh_lease import RefreshLeases
from server.sessions.restarter import Restarter
from server.sessions.service import Sessions
from server.sessions.start_queue import StartQueue
from server.sessions.state_machine import StateMachine
from server.sessions.subscriptions import Subscriptions
from server.sessions.updates import SessionUpdates
from server.streams.feed import Feed
from server.whatsapp_version import schedule
from server.whatsapp_version.look_up import look_up
from server.whatsapp_version.policy import policy
from server.whatsapp_version.service import REJECTED, VersionService
from store.ports import Store
from store.records import Session


class Leader:
    """A desk (session_service.py) with the connectors behind it."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        expiry: Expiry,
        supervisor: SupervisorClient,
        store: Store,
        feed: Feed,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        record = store.sessions
        self.subscriptions = Subscriptions(overhear=feed.see)
        self.single_flight: SingleFlight[Session] = SingleFlight(landed=metrics.refreshed)
        self.state_machine = StateMachine(
            record=record, subscriptions=self.subscriptions, clock=clock, metrics=metrics
        )
        folder = StateFolder(settings.state)
        self.versions = VersionService(
            policy(settings),
            folder.whatsapp_version,
            clock,
            metrics.version,
            attached=lambda: [name for name, line in self.connectors.lines().items() if line.is_answered()],
            tell=lambda session_id, version: self.connectors.set_version(session_id, version),
            changed=self._forget_rejections,
            ask=lambda site: look_up(site, settings.proxy),
            pace=schedule.PACE,
        )
        listener = ChannelListener(
            front=secrets.token_hex(8),
            hear=self._hear,
            known=self.state_machine.known,
            link_options=LinkSettings(settings, self.versions).of,
            may_register=lambda session_id: self.cool_downs.reason(session_id) is None,
            mark_closed=expiry.mark_closed,
            closing=expiry.closing,
            keep=expiry.keep,
            reset=expiry.reset,
            pipes_removed=lambda session_id: self.restarter.note_end(session_id),
        )
        self.trash = Trash(folder, clock)
        self.connectors = ConnectorPool(
            folder, supervisor, listener, trash=self.trash, at_once=settings.start_concurrency or cores()
        )
        metrics.watch_head_age(
            lambda: max((line.head_age for line in self.connectors.lines().values()), default=0.0)
        )
        self.start_queue = StartQueue()
        self.restarter = Restarter(record=record, connectors=self.connectors)
        self.heartbeat = Heartbeat(self.connectors)
        self.cool_downs = CoolDowns(store.cool_downs, clock, metrics)
        refresh = Refresh(
            record=record,
            connectors=self.connectors,
            subscriptions=self.subscriptions,
            single_flight=self.single_flight,
            refresh_leases=RefreshLeases(store.leases, clock),
            expiry=expiry,
            metrics=metrics,
            cool_downs=self.cool_downs,
            is_worth_another=self._has_another_version,
        )
        logout_sender = LogoutSender(connectors=self.connectors, subscriptions=self.subscriptions)
        self._sessions = Sessions(
            record=record,
            connectors=self.connectors,
            state_machine=self.state_machine,
            refresh=refresh,
            logout_sender=logout_sender,
            clock=clock,
        )
        self._lifecycle = Lifecycle(
            record=record,
            connectors=self.connectors,
            subscriptions=self.subscriptions,
            state_machine=self.state_machine,
            refresh=refresh,
            logout_sender=logout_sender,
        )
        self._updates = SessionUpdates(connectors=self.connectors, state_machine=self.state_machine)
        self._pairing_codes = PairingCodes(
            record=record,
            connectors=self.connectors,
            subscriptions=self.subscriptions,
            refresh=refresh,
            restart=lambda session_id: self._lifecycle.restart(session_id, within=settings.qr_timeout),
            expiry=expiry,
            clock=clock,
        )
        self._watch = LongPoll(
            record=record,
            subscriptions=self.subscriptions,
            fresh=lambda session: refresh.fresh(session, within=settings.refresh_timeout),
            expiry=expiry,
        )

    async def create(self, session_id: str, *, fields: SessionFields, is_awaited: bool) -> Session:
        within = self._settings.qr_timeout
        return await self._sessions.create(session_id, fields=fields, within=within, is_awaited=is_awaited)

    async def fresh(self, session_id: str) -> Session:
        self.start_queue.ask_for(session_id)
        return await self._sessions.fresh(session_id, within=self._settings.refresh_timeout)

    async def newer(self, session_id: str, *, than: Set[str], wait: float) -> Session:
        self.start_queue.ask_for(session_id)
        return await self._watch.newer(session_id, than=than, wait=wait)

    async def update(self, session_id: str, fields: SessionFields) -> Session:
        return await self._updates.update(session_id, fields)

    async def delete(self, session_id: str) -> None:
        await self._sessions.delete(session_id)
        await self._pairing_codes.end(session_id)

    async def start(self, session_id: str) -> Session:
        return await self._lifecycle.start(session_id, within=self._settings.qr_timeout)

    async def stop(self, session_id: str) -> Session:
        return await self._lifecycle.stop(session_id)

    async def restart(self, session_id: str, *, forget: bool = False) -> Session:
        self._pairing_codes.forget(session_id)
        within = self._settings.qr_timeout
        return await self._lifecycle.restart(session_id, within=within, forget=forget)

    async def log_out(self, session_id: str) -> Session:
        return await self._lifecycle.log_out(session_id)

    async def pairing_code(self, session_id: str, phone_number: str) -> PairingCode:
        within = self._settings.refresh_timeout
        return await self._pairing_codes.get(session_id, phone_number, within=within)

    async def close(self, error: MotteError) -> None:
        self.subscriptions.close(error)
        await self.single_flight.close(error)
        await self._pairing_codes.close(error)

    async def _hear(self, session_id: str, event: AnyEvent) -> None:
        self.versions.note(session_id, event)
        if isinstance(event, PairingCodeWithdrawn):
            self._pairing_codes.forget(session_id)
        session = await self.state_machine.hear(session_id, event)
        if session is not None:
            await self._note_registration(session, event)
        if isinstance(event, Ended) and event.state == "EXITED":
            self.restarter.note_end(session_id)

    async def _note_registration(self, session: Session, event: AnyEvent) -> None:
        """What WhatsApp says to a device that registers decides when others may.

        Nothing is awaited before that is decided: who was told of the event must find it so.
        """
        match event:
            case QrIssued(ordinal=1, issued_at=issued_at):  # the next ones ask WhatsApp for nothing
                await self.cool_downs.succeeded(session.id, at=issued_at)
            case Closed() if event.retry_in is None and session.status in UNPAIRED:
                if not self._has_another_version(session, event):
                    await self.cool_downs.refused(session.id, event.reason, wait_for=event.wait_for)

    def _has_another_version(self, session: Session, closed: Closed) -> bool:
        """Whether WhatsApp refused nothing but a version, and another one is worth a try."""
        return closed.reason.code == REJECTED and self.versions.has_another(session, closed.version)

    async def _forget_rejections(self) -> None:
        await self.cool_downs.forget_reason(REJECTED)


@asynccontextmanager
async def leading(
    settings: Settings,
    clock: Clock,
    expiry: Expiry,
    supervisor: SupervisorClient,
    store: Store,
    feed: Feed,
    metrics: Metrics,
) -> AsyncGenerator[Leader]:
    """The owner's desk, with every connector that should run attached or on its way, until the block ends."""
    owner = Leader(settings, clock, expiry, supervisor, store, feed, metrics)
    record = store.sessions
    retention = Retention(store.messages, clock, keep=settings.message_retention)
    await take_back_codes(record)
    await owner.cool_downs.load()
    try:
        async with (
            beside(
                "reconcile",
                lambda: reconcile(record, owner.state_machine, owner.connectors, owner.start_queue),
            ),
            beside("pulse", owner.heartbeat.run),
            beside("retention", retention.run),
            beside("trash", owner.trash.run),
            beside("versions", owner.versions.run),
            beside("version look-ups", owner.versions.look_up_regularly),
        ):
            yield owner
    finally:
        await owner.close(ShuttingDown())
        await owner.restarter.close()
        await owner.connectors.close()
