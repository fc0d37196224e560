"""Metrics of the connectors for Prometheus; supervisord is asked for them at each scrape."""

from collections import Counter as Count
from collections.abc import Callable, Iterable
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge

from server.connectors.supervisor_client import Program, RestartCounts
from server.core.free_memory import free_memory

#: supervisord's states in lower case.
STATES = ("backoff", "exited", "fatal", "running", "starting", "stopped", "stopping")


class Full(StrEnum):
    """What a new session, or a process of one, found too little of."""

    SESSIONS = "sessions"  # as many as MOTTE_MAX_SESSIONS allows
    MEMORY = "memory"  # MOTTE_MIN_FREE_MEMORY


class ConnectorMetrics:
    """Sums over all connectors: no label names a session."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._up = Gauge("motte_supervisor_up", "1: supervisord responds.", registry=registry)
        self._connectors = Gauge(
            "motte_connectors", "Connectors that are not asleep, by state.", ["state"], registry=registry
        )
        self._memory = Gauge(
            "motte_connector_memory_bytes", "Resident memory of all connectors.", registry=registry
        )
        self._largest = Gauge(
            "motte_connector_memory_largest_bytes",
            "Resident memory of the largest connector.",
            registry=registry,
        )
        self._restarts = Counter(
            "motte_connector_restarts",
            "Connectors that were restarted without a request.",
            ["why"],
            registry=registry,
        )
        self._spares = Gauge(
            "motte_warm_spares", "Processes that wait for a session; no connector yet.", registry=registry
        )
        self._waiting = Gauge(
            "motte_connector_starts_waiting", "Sessions that wait for their turn to start.", registry=registry
        )
        Gauge(
            "motte_memory_free_bytes",
            "Memory that Motte may still use, on this host and within the limits of its control groups.",
            registry=registry,
        ).set_function(lambda: free_memory() or 0)
        self._refused = Counter(
            "motte_starts_refused",
            "Creates, and starts of sessions that are not paired, that were refused on a full host.",
            ["why"],
            registry=registry,
        )
        for why in Full:
            self._refused.labels(why)
        #: At the previous scrape.
        self._total = RestartCounts()
        self._show_programs([])

    def show(self, programs: Iterable[Program], total: RestartCounts, spares: Iterable[Program]) -> None:
        """Called with supervisord's response. total: of all connectors, since supervisord started."""
        self._up.set(1)
        self._spares.set(sum(spare.pid is not None for spare in spares))
        self._show_programs(list(programs))
        # A new front continues the counters: to Prometheus, a lower value would be a reset.
        # So a counter does not exist before supervisord has responded.
        self._restarts.labels("crash").inc(max(0, total.restarts - self._total.restarts))
        self._restarts.labels("memory").inc(max(0, total.recycled - self._total.recycled))
        self._total = total

    def watch_starts(self, read: Callable[[], int]) -> None:
        """Called once. read: how many sessions wait for their turn to start."""
        self._waiting.set_function(read)

    def refuse(self, why: Full) -> None:
        """Called for each create or start that is refused because the host is full."""
        self._refused.labels(why).inc()

    def miss(self) -> None:
        """Called if supervisord does not respond: its last values stay."""
        self._up.set(0)

    def _show_programs(self, programs: list[Program]) -> None:
        states = Count(program.state.lower() for program in programs)
        sizes = [program.memory or 0 for program in programs]
        for state in STATES:
            self._connectors.labels(state).set(states[state])
        self._memory.set(sum(sizes))
        self._largest.set(max(sizes, default=0))
