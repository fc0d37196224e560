"""Metrics of HTTP requests and connections for Prometheus."""

from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Seconds. A read waits at most a minute for a code or a change.
HTTP_SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 10, 30, 60)

#: Any other method is counted as `other`: a caller must not create labels.
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class Dropped(StrEnum):
    """Connections that were closed because file descriptors run out."""

    IDLE = "idle"  # the one that waited longest for a request
    REFUSED = "refused"  # a new one, because none was idle


class HttpMetrics:
    """Durations and number of requests, and connections."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Histogram(
            "motte_http_request_seconds",
            "HTTP requests, from their head to their response; `unknown` is an address that does not exist.",
            ["method", "route", "status"],
            buckets=HTTP_SECONDS_BUCKETS,
            registry=registry,
        )
        #: Requests without a response yet.
        self.in_flight = 0
        Gauge(
            "motte_http_requests_in_flight", "HTTP requests that wait for their response.", registry=registry
        ).set_function(lambda: self.in_flight)
        #: Connections of clients.
        self.connections = 0
        Gauge("motte_http_connections", "Connections of clients.", registry=registry).set_function(
            lambda: self.connections
        )
        self._dropped = Counter(
            "motte_http_connections_dropped",
            "Connections that were closed because file descriptors run out.",
            ["which"],
            registry=registry,
        )
        for which in Dropped:
            self._dropped.labels(which)
        #: By labels: looking a histogram up costs more than using it.
        self._histograms: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Called when a request has its response. route: a path template, or `unknown`."""
        labels = method if method in METHODS else "other", route, status
        histogram = self._histograms.get(labels)
        if histogram is None:
            histogram = self._histograms[labels] = self._requests.labels(*labels)
        histogram.observe(seconds)

    def drop(self, which: Dropped) -> None:
        """Called for each connection that is closed because file descriptors run out."""
        self._dropped.labels(which).inc()
