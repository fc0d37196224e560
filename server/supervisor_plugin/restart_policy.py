"""Decides whether and when a connector is started again after its process has ended."""

import math
import os
import signal
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple, Self

from server.protocol.exit_codes import DONE, HOPELESS, NO_ROOM, RECYCLE, RESTART

#: Restarts that a connector may request within RESTART_WINDOW_SECONDS. One more counts as a crash.
MAX_REQUESTED_RESTARTS = 5
RESTART_WINDOW_SECONDS = 10.0

#: Crashes within IMMEDIATE_WINDOW_SECONDS after which a connector that was steady is started again at once.
#: There is a delay from the next one on.
MAX_IMMEDIATE_RESTARTS = 4
IMMEDIATE_WINDOW_SECONDS = 60.0

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
        steady_after: float = math.inf,
    ) -> None:
        """healthy_after: seconds of life after which earlier crashes are forgotten. is_linked: whether an
        account is linked. Crashes never make its connector be given up. steady_after: seconds of life after
        which a crash is not that of a failing start, so that a start at once is worth a try.
        """
        self._tries = tries
        self._longest_delay = longest_delay
        self._is_linked = is_linked
        self._first_delay = first_delay
        self._healthy_after = healthy_after
        self._steady_after = steady_after
        #: Moments of the crashes within the window that were followed by a start at once.
        self._immediate_restarts: deque[float] = deque()
        #: Moments of the restarts that the connector requested within the window.
        self._requested_restarts: deque[float] = deque()
        #: Crashes in a row.
        self.crashes = 0
        #: Seconds from a crash to the next start. It doubles with each crash: 1, 2, 4, 8 …
        self.delay = first_delay
        #: Whether the next start does not wait for `delay`.
        self.is_immediate = False

    def reset(self) -> None:
        """Forgets earlier crashes, because a start was requested."""
        self.crashes = 0

    def forget_crashes_if_healthy(self, *, lived: float) -> None:
        """lived: seconds since the last start."""
        if lived >= self._healthy_after:
            self.crashes = 0

    def decide(self, process_exit: ProcessExit, *, lived: float, now: float) -> RestartDecision:
        """Called once for each exit that was not requested. lived: seconds since the last start."""
        self.is_immediate = False
        self.forget_crashes_if_healthy(lived=lived)
        if process_exit.code == DONE:
            return RestartDecision.SLEEP
        if process_exit.code in (RESTART, RECYCLE) and self._may_restart_now(now):
            return RestartDecision.RESTART_NOW
        if process_exit.code in HOPELESS:
            return RestartDecision.GIVE_UP
        if process_exit.code == NO_ROOM:
            self.delay = self._first_delay * FULL_DISK_DELAY_FACTOR
            return RestartDecision.RESTART_LATER
        decision = self.count_crash()
        self.is_immediate = lived >= self._steady_after and self._may_restart_at_once(now)
        return decision

    def count_crash(self) -> RestartDecision:
        """Counts a crash or a failed start.

        Reads from the disk whether an account is linked only after the last try: it may have been linked
        since the start, and no front may be running to report that.
        """
        self.is_immediate = False
        self.crashes += 1
        doublings = min(self.crashes - 1, MAX_DOUBLINGS)
        self.delay = min(self._first_delay * 2**doublings, self._longest_delay)
        is_over = self.crashes >= self._tries and not self._is_linked()
        return RestartDecision.GIVE_UP if is_over else RestartDecision.RESTART_LATER

    def _may_restart_now(self, now: float) -> bool:
        return _count(self._requested_restarts, now, RESTART_WINDOW_SECONDS) <= MAX_REQUESTED_RESTARTS

    def _may_restart_at_once(self, now: float) -> bool:
        return _count(self._immediate_restarts, now, IMMEDIATE_WINDOW_SECONDS) <= MAX_IMMEDIATE_RESTARTS


def _count(moments: deque[float], now: float, window: float) -> int:
    """Adds a moment, and returns how many are within the window."""
    moments.append(now)
    while moments[0] <= now - window:
        moments.popleft()
    return len(moments)
