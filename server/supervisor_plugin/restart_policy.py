"""How much patience we have with a connector: what its end means, and when it is started again."""

import os
import signal
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple, Self

from server.protocol.exit_codes import AGAIN, AT_REST, NEEDS_A_PERSON, NO_ROOM, RECYCLED

#: Starts that a connector may ask for within so many seconds. One more is a loop, and counts as a crash.
RESTARTS = 5
RESTARTS_WITHIN = 10.0

#: Doublings after which a delay is longer than any that is wanted: more would not fit a number.
DOUBLINGS = 30

#: Times the first delay: how long a connector waits that finds no room on its disk.
ROOM_WAIT = 5


class Death(NamedTuple):
    """How a process ended."""

    #: Its exit code, where it ended by itself.
    exit: int | None = None
    #: The signal that killed it, where one did.
    signal: int | None = None

    @classmethod
    def of(cls, status: int) -> Self:
        """status: as waitpid gives it."""
        code = os.waitstatus_to_exitcode(status)
        return cls(exit=code) if code >= 0 else cls(signal=-code)

    def __str__(self) -> str:
        if self.signal is None:
            return f"exit status {self.exit}"
        return f"killed by {signal.Signals(self.signal).name}"


class Verdict(Enum):
    """What follows a death."""

    REST = auto()  # taken out of the group; only a request starts it again
    AGAIN = auto()  # started again at once
    LATER = auto()  # started again after `delay`
    GIVE_UP = auto()  # started again only where somebody asks


class RestartPolicy:
    """What one connector has left. Moments are monotonic, in seconds: a step of the clock changes nothing."""

    def __init__(
        self,
        *,
        tries: int,
        first_delay: float,
        longest_delay: float,
        healthy_after: float,
        is_linked: Callable[[], bool],
    ) -> None:
        """is_linked: whether an account knows the device. Its connector is never given up for its crashes."""
        self._tries = tries
        self._longest_delay = longest_delay
        self._is_linked = is_linked
        self._first_delay = first_delay
        self._healthy_after = healthy_after
        self._restarts: deque[float] = deque()
        #: Crashes in a row.
        self.crashes = 0
        #: Seconds from the last end to the next start: 1, 2, 4, 8 … with each crash, up to the longest.
        self.delay = first_delay

    def renew(self) -> None:
        """Somebody asked for a start: what came before is forgotten."""
        self.crashes = 0

    def reward(self, *, lived: float) -> None:
        """Forget earlier crashes after a healthy while. lived: seconds since the last start."""
        if lived >= self._healthy_after:
            self.crashes = 0

    def judge(self, death: Death, *, lived: float, now: float) -> Verdict:
        """Called once for each death that nobody asked for."""
        self.reward(lived=lived)
        if death.exit == AT_REST:
            return Verdict.REST
        if death.exit in (AGAIN, RECYCLED) and self._may_restart(now):
            return Verdict.AGAIN
        if death.exit in NEEDS_A_PERSON:
            return Verdict.GIVE_UP
        if death.exit == NO_ROOM:
            self.delay = self._first_delay * ROOM_WAIT
            return Verdict.LATER
        return self.crash()

    def crash(self) -> Verdict:
        """Count a crash, or a start that did not come about.

        Only the last of its tries asks the disk whether it is linked: an account may have been linked since
        the start, and no front may be there to say so.
        """
        self.crashes += 1
        doublings = min(self.crashes - 1, DOUBLINGS)
        self.delay = min(self._first_delay * 2**doublings, self._longest_delay)
        is_over = self.crashes >= self._tries and not self._is_linked()
        return Verdict.GIVE_UP if is_over else Verdict.LATER

    def _may_restart(self, now: float) -> bool:
        self._restarts.append(now)
        while self._restarts[0] <= now - RESTARTS_WITHIN:
            self._restarts.popleft()
        return len(self._restarts) <= RESTARTS
