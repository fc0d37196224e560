"""How often a connector was started again without being asked, for the life of supervisord."""

from dataclasses import dataclass


@dataclass(slots=True)
class RestartCounters:
    """It outlives its process, and the connector's sleep too."""

    #: Starts that followed a crash, or a kill.
    restarts: int = 0
    #: Starts that followed the connector's own wish to give its memory back.
    recycled: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.restarts or self.recycled)

    def add(self, other: "RestartCounters") -> None:
        """Count what another has counted."""
        self.restarts += other.restarts
        self.recycled += other.recycled

    def describe(self) -> dict[str, int]:
        """As the socket says it."""
        return {"restarts": self.restarts, "recycled": self.recycled}
