"""Metrics of the front for Prometheus. No label contains a value from a caller, such as an id."""

import platform
from collections.abc import Callable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

from server.core.clock import Clock
from server.core.version import VERSION
from server.observability.code_metrics import CodeMetrics
from server.observability.connector_metrics import ConnectorMetrics
from server.observability.http_metrics import HttpMetrics
from server.observability.message_metrics import MessageMetrics
from server.observability.registration_metrics import RegistrationMetrics
from server.protocol.events.codes import QrIssued
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Paired
from server.protocol.events.messages import MessageReceived, MessageSkipped
from server.protocol.events.process import Ended
from server.webhooks.metrics import WebhookMetrics
from server.whatsapp_version.metrics import VersionMetrics
from store.records.messages import UNDECRYPTABLE
from store.records.sessions import Session, Status

# A line for each series says when it began, which `process_start_time_seconds` says once for all.
disable_created_metrics()  # type: ignore[no-untyped-call]

#: States of a process that has ended, in the words of the supervisord plugin.
ENDS = ("backoff", "exited", "fatal", "stopped")


class Metrics:
    """Each method is called by the code that it counts. No method waits."""

    def __init__(self, clock: Clock) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("motte_build", "The running versions.", registry=registry).info(
            {"version": VERSION, "python": platform.python_version()}
        )
        self.connectors = ConnectorMetrics(registry)
        self.version = VersionMetrics(registry)
        self.http = HttpMetrics(registry)
        self.webhooks = WebhookMetrics(registry)
        self.messages = MessageMetrics(registry)
        self.codes = CodeMetrics(registry, clock)
        self.registrations = RegistrationMetrics(registry)
        self._sessions = Gauge("motte_sessions", "Sessions in this status.", ["status"], registry=registry)
        self._undecryptable = Counter(
            "motte_messages_undecryptable",
            "Messages of which no copy could be decrypted. A readable copy may still arrive.",
            registry=registry,
        )
        self._removed_messages = Counter(
            "motte_messages_removed",
            "Messages that were removed early because their session had as many as it may have.",
            registry=registry,
        )
        self._removed_events = Counter(
            "motte_events_removed",
            "Events that were removed early because their session had as many as the log may hold of it.",
            registry=registry,
        )
        self._ends = Counter(
            "motte_connector_ends", "Connectors that ended, by their last state.", ["how"], registry=registry
        )
        self._skipped = Counter(
            "motte_messages_skipped",
            "Messages that took too long; WhatsApp delivers them again.",
            registry=registry,
        )
        self._head_age = Gauge(
            "motte_message_head_age_seconds",
            "Seconds since a connector began to process the oldest message that is not finished.",
            registry=registry,
        )
        self._begin_at_zero()

    def show_sessions(self, counts: Mapping[Status, int]) -> None:
        """Called before each scrape. counts: sessions by status."""
        for status in Status:
            self._sessions.labels(status).set(counts.get(status, 0))

    def watch_head_age(self, read: Callable[[], float]) -> None:
        """Called once. read: seconds since the oldest unfinished message began; 0 without one."""
        self._head_age.set_function(read)

    def heard(self, before: Session, event: AnyEvent) -> None:
        """Called when an event of a connector is stored. before: the session before the event."""
        match event:
            case QrIssued():
                self.codes.issued(before, event)
            case Paired():
                self.codes.scanned(before)
            case MessageReceived(kind=kind) if kind == UNDECRYPTABLE:
                self._undecryptable.inc()
            case MessageSkipped():
                self._skipped.inc()
            case Ended():
                how = event.state.lower()
                self._ends.labels(how if how in ENDS else "other").inc()

    def messages_removed(self, number: int) -> None:
        """Called when messages were removed early, on a thread of the store."""
        self._removed_messages.inc(number)

    def events_removed(self, number: int) -> None:
        """Called when events were removed early, on a thread of the store."""
        self._removed_events.inc(number)

    def _begin_at_zero(self) -> None:
        """Creates every series with 0, so that an alert sees the first increase."""
        self.show_sessions({})
        for how in ENDS:
            self._ends.labels(how)
