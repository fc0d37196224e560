"""Metrics of the front for Prometheus. No label contains a value from a caller, such as an id."""

import platform
from collections.abc import Callable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

from server.core.clock import Clock
from server.core.errors import InternalError, MotteError
from server.core.single_flight import FlightOutcome
from server.core.version import VERSION
from server.domain.states import UNPAIRED
from server.observability.connector_metrics import ConnectorMetrics
from server.observability.http_metrics import HttpMetrics
from server.observability.message_metrics import MessageMetrics
from server.protocol import reasons
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

#: Seconds. A code comes within a second, or not before a time-out.
QR_SECONDS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30)
#: Requests that waited for one code: a thousand clients may read at once.
WAITER_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
#: Seconds. The connector's clock has a resolution of 10 ms.
LAG_SECONDS_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)

#: WhatsApp sends six codes per connection.
LAST_ORDINAL = 6

#: States of a process that has ended, in the words of the supervisord plugin.
ENDS = ("backoff", "exited", "fatal", "stopped")


class Metrics:
    """Each method is called by the code that it counts. No method waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
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
        self._sessions = Gauge("motte_sessions", "Sessions in this status.", ["status"], registry=registry)
        self._time_to_qr = Histogram(
            "motte_time_to_qr_seconds",
            "From the first request that needed a code until the code; by whether a socket had to be opened.",
            ["socket"],
            buckets=QR_SECONDS_BUCKETS,
            registry=registry,
        )
        self._refreshes = Counter(
            "motte_qr_refreshes",
            "Refreshes by outcome: `code`, the status that the session got instead, or an error.",
            ["outcome"],
            registry=registry,
        )
        self._waiters = Histogram(
            "motte_qr_refresh_waiters",
            "Requests that one refresh of a code served.",
            buckets=WAITER_BUCKETS,
            registry=registry,
        )
        self._expired = Counter(
            "motte_qr_expired_on_read", "Reads that found the session's code expired.", registry=registry
        )
        self._renewed = Counter(
            "motte_registration_refreshes",
            "Codes that were replaced early because WhatsApp had retired the secret in them.",
            registry=registry,
        )
        self._scans = Counter(
            "motte_scans",
            "Accounts that were linked, by the ordinal of the code that was shown.",
            ["ordinal"],
            registry=registry,
        )
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
        self._refusals = Counter(
            "motte_registrations_refused",
            "Registrations of new devices that WhatsApp refused, by reason.",
            ["reason"],
            registry=registry,
        )
        self._host_cool_down = Gauge(
            "motte_registration_cool_down_seconds",
            "Seconds until this host may register a device again; 0: at any time.",
            registry=registry,
        )
        self._cooling_sessions = Gauge(
            "motte_sessions_cooling_down",
            "Sessions in a cool-down of their own; the cool-down of the host does not count.",
            registry=registry,
        )
        self._lag = Histogram(
            "motte_pipe_lag_seconds",
            "From the moment a connector received a code until the code was in the database.",
            buckets=LAG_SECONDS_BUCKETS,
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

    def find_expired(self, session: Session) -> None:
        """Called if a read found no live code. A session that never had a code does not count."""
        if session.status is Status.QR_WAITING:
            self._expired.inc()

    def refreshed(self, outcome: FlightOutcome[Session]) -> None:
        """Called when a refresh has ended."""
        self._refreshes.labels(_outcome(outcome)).inc()
        self._waiters.observe(outcome.joins)
        if outcome.result is not None and outcome.result.qr is not None:
            socket = "new" if outcome.result.qr.ordinal == 1 else "living"
            self._time_to_qr.labels(socket).observe(outcome.seconds)

    def heard(self, before: Session, event: AnyEvent) -> None:
        """Called when an event of a connector is stored. before: the session before the event."""
        match event:
            case QrIssued():
                self._renewed.inc(event.is_refresh)
                if before.qr is None or (before.qr.epoch, before.qr.ordinal) != (event.epoch, event.ordinal):
                    self._lag.observe(max(0.0, self._clock.boot() - event.issued_at))
            case Paired():
                self._scans.labels(_ordinal(before)).inc()
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

    def refused(self, code: str) -> None:
        """Called when WhatsApp refused a registration. code: the code of the reason."""
        self._refusals.labels(code).inc()

    def show_cool_downs(self, *, host: Callable[[], float], sessions: Callable[[], int]) -> None:
        """Called once. host: seconds that the host must wait. sessions: how many must wait."""
        self._host_cool_down.set_function(host)
        self._cooling_sessions.set_function(sessions)

    def _begin_at_zero(self) -> None:
        """Creates every series with 0, so that an alert sees the first increase."""
        self.show_sessions({})
        for label in (
            "code",
            "connected",
            "pairing",
            "qr-timeout",
            "whatsapp-unreachable",
            "proxy-failed",
            "whatsapp-refused",
            "version-rejected",
        ):
            self._refreshes.labels(label)
        for code, meaning in reasons.TABLE.items():
            if meaning.refresh is not None and meaning.refresh.cool_down is not None:
                self._refusals.labels(code)
        for how in ENDS:
            self._ends.labels(how)
        for ordinal in range(1, LAST_ORDINAL + 1):
            self._scans.labels(ordinal)


def _outcome(outcome: FlightOutcome[Session]) -> str:
    if outcome.result is not None:
        return "code" if outcome.result.status in UNPAIRED else outcome.result.status
    if outcome.error is None:
        return "abandoned"
    return outcome.error.code if isinstance(outcome.error, MotteError) else InternalError.code


def _ordinal(session: Session) -> str:
    if session.qr is None:
        return "unknown"
    return str(session.qr.ordinal) if session.qr.ordinal <= LAST_ORDINAL else "later"
