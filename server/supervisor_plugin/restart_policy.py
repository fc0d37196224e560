"""Decides whether and when a connector is started again after its process has ended."""

import os
import signal
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple, Self

from server.protocol.exit_codes import DONE, EXIT_REASONS, NO_ROOM, RECYCLE, RESTART

#: Restarts that a connector may request within RESTART_WINDOW_SECONDS. One more counts as a crash.
MAX_REQUESTED_RESTARTS = 5
RESTART_WINDOW_SECONDS = 10.0

#: With more doublings a delay would not fit a number; the longest delay is reached long before.
MAX_DOUBLINGS = 30

#: The delay after an exit because of a full disk, as a multiple of the first delay.
FULL_DISK_DELAY_FACTOR = 5


class ProcessExit(NamedTuple):
    """How a process ended: with an exit code or by a signal."""

    code: int | None = None
    signal: int | None = None

    @classmethod
    def of(cls, status: int) -> Self:
        """status: as waitpid gives it."""
        code = os.waitstatus_to_exitcode(status)
        return cls(code=code) if code >= 0 else cls(signal=-code)

    def __str__(self) -> str:
        if self.signal is None:
            return f"exit status {self.code}"
        return f"killed by {signal.Signals(self.signal).name}"


class RestartDecision(Enum):
    """What follows the end of a process."""

    SLEEP = auto()  # removed from the group; only a request starts it again
    RESTART_NOW = auto()
    RESTART_LATER = auto()  # after `delay`
    GIVE_UP = auto()  # only a request starts it again


class RestartPolicy:
    """Restart policy of one connector. Moments are monotonic, in seconds."""

    def __init__(
        self,
        *,
        tries: int,
        first_delay: float,
        longest_delay: float,
        healthy_after: float,
        is_linked: Callable[[], bool],
    ) -> None:
        """is_linked: whether an account is linked. Crashes never make its connector be given up."""
        self._tries = tries
        self._longest_delay = longest_delay
        self._is_linked = is_linked
        self._first_delay = first_delay
        self._healthy_after = healthy_after
        #: Moments of the restarts that the connector requested within the window.
        self._requested_restarts: deque[float] = deque()
        #: Crashes in a row.
        self.crashes = 0
        #: Seconds from the last exit to the next start. It doubles with each crash: 1, 2, 4, 8 …
        self.delay = first_delay

    def reset(self) -> None:
        """Forgets earlier crashes, because a start was requested."""
        self.crashes = 0

    def forget_crashes_if_healthy(self, *, lived: float) -> None:
        """lived: seconds since the last start."""
        if lived >= self._healthy_after:
            self.crashes = 0

    def decide(self, process_exit: ProcessExit, *, lived: float, now: float) -> RestartDecision:
        """Called once for each exit that was not requested. lived: seconds since the last start."""
        self.forget_crashes_if_healthy(lived=lived)
        if process_exit.code == DONE:
            return RestartDecision.SLEEP
        if process_exit.code in (RESTART, RECYCLE) and self._may_restart_now(now):
            return RestartDecision.RESTART_NOW
        if process_exit.code in EXIT_REASONS:
            return RestartDecision.GIVE_UP
        if process_exit.code == NO_ROOM:
            self.delay = self._first_delay * FULL_DISK_DELAY_FACTOR
            return RestartDecision.RESTART_LATER
        return self.count_crash()

    def count_crash(self) -> RestartDecision:
        """Counts a crash or a failed start.

        Reads from the disk whether an account is linked only after the last try: it may have been linked
        since the start, and no front may be running to report that.
        """
        self.crashes += 1
        doublings = min(self.crashes - 1, MAX_DOUBLINGS)
        self.delay = min(self._first_delay * 2**doublings, self._longest_delay)
        is_over = self.crashes >= self._tries and not self._is_linked()
        return RestartDecision.GIVE_UP if is_over else RestartDecision.RESTART_LATER

    def _may_restart_now(self, now: float) -> bool:
        self._requested_restarts.append(now)
        while self._requested_restarts[0] <= now - RESTART_WINDOW_SECONDS:
            self._requested_restarts.popleft()
        return len(self._requested_restarts) <= MAX_REQUESTED_RESTARTS
