"""What the front counts and measures, for Prometheus. No label holds what a caller chose, such as an id."""

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

from server.core.clock import Clock
from server.core.errors import InternalError, MotteError
from server.core.single_flight import FlightOutcome
from server.domain.states import UNPAIRED
from server.observability.connector_metrics import ConnectorMetrics
from server.protocol import reasons
from server.protocol.events import AnyEvent, Ended, MessageReceived, MessageSkipped, Paired, QrIssued
from server.whatsapp_version.metrics import VersionMetrics
from store.records import UNDECRYPTABLE, Session, Status

#: Seconds. A code comes within a second, or not before a time-out.
QR_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30)
#: Requests that waited for one code: a thousand readers may come at once.
WAITER_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
#: Seconds. The connector's clock has steps of 10 ms.
LAG_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)
#: Seconds. A read waits for a code, or for news, a minute at most.
HTTP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60)

#: WhatsApp gives a socket six codes.
LAST_ORDINAL = 6

#: What supervisord's plugin calls the end of a process.
ENDS = ("backoff", "exited", "fatal", "stopped")

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class Metrics:
    """Each method is called where the thing happens; nothing here waits, or asks anybody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("motte_build", "Versions of what runs.", registry=registry).info(
            {"version": version("motte"), "python": platform.python_version()}
        )
        self.connectors = ConnectorMetrics(registry)
        self.version = VersionMetrics(registry)
        self._sessions = Gauge("motte_sessions", "Sessions in this status.", ["status"], registry=registry)
        self._time_to_qr = Histogram(
            "motte_time_to_qr_seconds",
            "From the first request that needed a code until the code; by whether a socket had to be opened.",
            ["socket"],
            buckets=QR_BUCKETS,
            registry=registry,
        )
        self._refreshes = Counter(
            "motte_qr_refreshes",
            "Refreshes, by what came of them: `code`, the status that the session got instead, or an error.",
            ["outcome"],
            registry=registry,
        )
        self._waiters = Histogram(
            "motte_qr_refresh_waiters",
            "Requests that one refresh of a code answered.",
            buckets=WAITER_BUCKETS,
            registry=registry,
        )
        self._expired = Counter(
            "motte_qr_expired_on_read", "Reads that found the session's code expired.", registry=registry
        )
        self._renewed = Counter(
            "motte_registration_refreshes",
            "Codes that were replaced before their time, since WhatsApp had retired the secret in them.",
            registry=registry,
        )
        self._scans = Counter(
            "motte_scans",
            "Accounts that were linked, by which code of its socket was shown then.",
            ["ordinal"],
            registry=registry,
        )
        self._undecryptable = Counter(
            "motte_messages_undecryptable",
            "Messages of which no copy could be read. A copy that can be read may still come.",
            registry=registry,
        )
        self._ends = Counter(
            "motte_connector_ends", "Connectors that ended, by how.", ["how"], registry=registry
        )
        self._skipped = Counter(
            "motte_messages_skipped",
            "Times that a message took too long and was left to be delivered again.",
            registry=registry,
        )
        self._head_age = Gauge(
            "motte_message_head_age_seconds",
            "Since the oldest message began that a connector is taking in now.",
            registry=registry,
        )
        self._refusals = Counter(
            "motte_registrations_refused",
            "Registrations of new devices that WhatsApp refused, by the reason.",
            ["reason"],
            registry=registry,
        )
        self._host_cool_down = Gauge(
            "motte_registration_cool_down_seconds",
            "Seconds until this host asks WhatsApp again to register a device; 0: it may at any time.",
            registry=registry,
        )
        self._cooling_sessions = Gauge(
            "motte_sessions_cooling_down",
            "Sessions that must not register a device for some minutes, the host's cool-down apart.",
            registry=registry,
        )
        self._lag = Histogram(
            "motte_pipe_lag_seconds",
            "From the moment at which a connector was given a code until the code was in the database.",
            buckets=LAG_BUCKETS,
            registry=registry,
        )
        self._requests = Histogram(
            "motte_http_request_seconds",
            "HTTP requests, from their head to their answer; `unknown` is an address that does not exist.",
            ["method", "route", "status"],
            buckets=HTTP_BUCKETS,
            registry=registry,
        )
        #: Requests that wait for their answer.
        self.in_flight = 0
        Gauge(
            "motte_http_requests_in_flight", "HTTP requests that wait for their answer.", registry=registry
        ).set_function(lambda: self.in_flight)
        #: What `answered` has looked up: to find a histogram by its labels costs more than to use it.
        self._answers: dict[tuple[str, str, int], Histogram] = {}
        self._begin_at_zero()

    def show_sessions(self, counts: Mapping[Status, int]) -> None:
        """Called before each scrape."""
        for status in Status:
            self._sessions.labels(status).set(counts.get(status, 0))

    def watch_head_age(self, read: Callable[[], float]) -> None:
        """Called once. read: seconds since the oldest message began that is taken in; 0 while none is."""
        self._head_age.set_function(read)

    def find_expired(self, session: Session) -> None:
        """A read found no code that lives; a session that never had one has not lost one."""
        if session.status is Status.QR_WAITING:
            self._expired.inc()

    def refreshed(self, landing: FlightOutcome[Session]) -> None:
        """A refresh is over."""
        self._refreshes.labels(_outcome(landing)).inc()
        self._waiters.observe(landing.joins)
        if landing.result is not None and landing.result.qr is not None:
            socket = "new" if landing.result.qr.ordinal == 1 else "living"
            self._time_to_qr.labels(socket).observe(landing.seconds)

    def heard(self, before: Session, event: AnyEvent) -> None:
        """What a connector said is stored. before: the session as it was until then."""
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

    def refused(self, code: str) -> None:
        """WhatsApp refused a registration. code: of its reason."""
        self._refusals.labels(code).inc()

    def show_cool_downs(self, *, host: Callable[[], float], sessions: Callable[[], int]) -> None:
        """Take, at each scrape, the seconds that the host must wait, and the number of sessions that must."""
        self._host_cool_down.set_function(host)
        self._cooling_sessions.set_function(sessions)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request has its answer. route: a template, or `unknown`."""
        answer = method if method in METHODS else "other", route, status
        histogram = self._answers.get(answer)
        if histogram is None:
            histogram = self._answers[answer] = self._requests.labels(*answer)
        histogram.observe(seconds)

    def _begin_at_zero(self) -> None:
        """What has not happened yet is 0: an alert needs that to see the first time."""
        self.show_sessions({})
        for outcome in (
            "code",
            "connected",
            "pairing",
            "qr-timeout",
            "whatsapp-unreachable",
            "proxy-failed",
            "whatsapp-refused",
            "version-rejected",
        ):
            self._refreshes.labels(outcome)
        for code, meaning in reasons.TABLE.items():
            if meaning.refresh is not None and meaning.refresh.cool_down is not None:
                self._refusals.labels(code)
        for how in ENDS:
            self._ends.labels(how)
        for ordinal in range(1, LAST_ORDINAL + 1):
            self._scans.labels(ordinal)


def _outcome(landing: FlightOutcome[Session]) -> str:
    if landing.result is not None:
        return "code" if landing.result.status in UNPAIRED else landing.result.status
    if landing.error is None:
        return "abandoned"
    return landing.error.code if isinstance(landing.error, MotteError) else InternalError.code


def _ordinal(session: Session) -> str:
    if session.qr is None:
        return "unknown"
    return str(session.qr.ordinal) if session.qr.ordinal <= LAST_ORDINAL else "later"
