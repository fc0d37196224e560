"""What supervisord knows of the connectors, for Prometheus: read at each scrape."""

from collections import Counter as Count
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from server.connectors.supervisor_client import Program, RestartCounts

#: supervisord's states, in small letters.
STATES = ("backoff", "exited", "fatal", "running", "starting", "stopped", "stopping")


class ConnectorMetrics:
    """Sums over all connectors: no label names a session."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._up = Gauge("motte_supervisor_up", "1: supervisord answers.", registry=registry)
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
            "Connectors that were started again without being asked.",
            ["why"],
            registry=registry,
        )
        #: As it was at the scrape before.
        self._total = RestartCounts()
        self._look([])

    def show(self, programs: Iterable[Program], total: RestartCounts) -> None:
        """supervisord has answered. total: of all connectors, since it runs."""
        self._up.set(1)
        self._look(list(programs))
        self._count_restarts(total)

    def miss(self) -> None:
        """supervisord does not answer: what it said last is shown on."""
        self._up.set(0)

    def _look(self, programs: list[Program]) -> None:
        states = Count(program.state.lower() for program in programs)
        sizes = [program.memory or 0 for program in programs]
        for state in STATES:
            self._connectors.labels(state).set(states[state])
        self._memory.set(sum(sizes))
        self._largest.set(max(sizes, default=0))

    def _count_restarts(self, total: RestartCounts) -> None:
        """A front that starts anew goes on where the last one was: Prometheus would take less for a reset.

        So there is no number before supervisord has told it.
        """
        self._restarts.labels("crash").inc(max(0, total.restarts - self._total.restarts))
        self._restarts.labels("memory").inc(max(0, total.recycled - self._total.recycled))
        self._total = total
