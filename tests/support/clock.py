"""A clock that stands still until a test turns it."""


class TurnedClock:
    """It begins at 2026-05-25T12:00:00.000Z, 1000 seconds after boot."""

    def __init__(
        self, *, wall: int = 1_779_710_400_000, boot: float = 1000.0, boot_id: str = "boot-1"
    ) -> None:
        self._wall = wall
        self._boot = boot
        self.boot_id = boot_id

    def wall(self) -> int:
        return self._wall

    def boot(self) -> float:
        return self._boot

    def advance(self, seconds: float) -> None:
        """Time goes by, on both clocks."""
        self._wall += round(seconds * 1000)
        self._boot += seconds

    def step_wall(self, seconds: float) -> None:
        """Somebody sets the wall clock, forward or, below 0, back; the boot clock knows nothing of it."""
        self._wall += round(seconds * 1000)

    def reboot(self, boot_id: str) -> None:
        """Starts the boot clock again, under another boot id."""
        self._boot = 0.0
        self.boot_id = boot_id
