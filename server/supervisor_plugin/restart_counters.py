"""Counts how often a connector was restarted without a request, since supervisord started."""


class RestartCounters:
    """Counters of one session. They are kept while its connector is asleep."""

    def __init__(self) -> None:
        #: Starts after a crash or a kill.
        self.restarts = 0
        #: Starts after the connector ended itself to give its memory back.
        self.recycled = 0

    @property
    def is_empty(self) -> bool:
        return not (self.restarts or self.recycled)

    def add(self, other: "RestartCounters") -> None:
        self.restarts += other.restarts
        self.recycled += other.recycled

    def describe(self) -> dict[str, int]:
        """As XML-RPC carries it."""
        return {"restarts": self.restarts, "recycled": self.recycled}
