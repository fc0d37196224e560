"""Metrics of QR codes for Prometheus: refreshes, the time that they take, and scans."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from server.core.clock import Clock
from server.core.errors import InternalError, MotteError
from server.core.single_flight import FlightOutcome
from server.domain.states import UNPAIRED
from server.protocol.events.codes import QrIssued
from store.records.sessions import Session, Status

#: Seconds. A code comes within a second, or not before a time-out.
QR_SECONDS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30)
#: Requests that waited for one code: a thousand clients may read at once.
WAITER_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
#: Seconds. The connector's clock has a resolution of 10 ms.
LAG_SECONDS_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)

#: WhatsApp sends six codes per connection.
LAST_ORDINAL = 6

#: Outcomes of a refresh that an alert looks at.
OUTCOMES = (
    "code",
    "connected",
    "pairing",
    "qr-timeout",
    "whatsapp-unreachable",
    "proxy-failed",
    "whatsapp-refused",
    "version-rejected",
)


class CodeMetrics:
    """Each method is called by the code that it counts."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._clock = clock
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
        self._lag = Histogram(
            "motte_pipe_lag_seconds",
            "From the moment a connector received a code until the code was in the database.",
            buckets=LAG_SECONDS_BUCKETS,
            registry=registry,
        )
        self._begin_at_zero()

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

    def issued(self, before: Session, event: QrIssued) -> None:
        """Called when a code is stored. before: the session before the code."""
        self._renewed.inc(event.is_refresh)
        if before.qr is None or (before.qr.epoch, before.qr.ordinal) != (event.epoch, event.ordinal):
            self._lag.observe(max(0.0, self._clock.boot() - event.issued_at))

    def scanned(self, before: Session) -> None:
        """Called when a phone has scanned a code. before: the session that showed it."""
        self._scans.labels(_ordinal(before)).inc()

    def _begin_at_zero(self) -> None:
        """Creates every series with 0, so that an alert sees the first increase."""
        for outcome in OUTCOMES:
            self._refreshes.labels(outcome)
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
