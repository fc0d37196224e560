"""What supervisord knows of the connectors, for Prometheus: read at each scrape."""

from collections import Counter as Count
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from server.supervisor import Program, Tally

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
        #: As they were at the scrape before.
        self._tallies: Mapping[str, Tally] = {}
        for why in ("crash", "memory"):
            self._restarts.labels(why)
        self.show([], {})
        self.miss()

    def show(self, programs: Iterable[Program], tallies: Mapping[str, Tally]) -> None:
        """supervisord has answered. tallies: by session id, since it runs."""
        programs = list(programs)
        states = Count(program.state.lower() for program in programs)
        sizes = [program.memory or 0 for program in programs]
        self._up.set(1)
        for state in STATES:
            self._connectors.labels(state).set(states[state])
        self._memory.set(sum(sizes))
        self._largest.set(max(sizes, default=0))
        self._count_restarts(tallies)

    def miss(self) -> None:
        """supervisord does not answer: what it said last is shown on."""
        self._up.set(0)

    def _count_restarts(self, tallies: Mapping[str, Tally]) -> None:
        """What grew since the last look: the sum itself would fall when a session is deleted."""
        for session_id, tally in tallies.items():
            before = self._tallies.get(session_id, Tally())
            self._restarts.labels("crash").inc(max(0, tally.restarts - before.restarts))
            self._restarts.labels("memory").inc(max(0, tally.recycled - before.recycled))
        self._tallies = tallies
