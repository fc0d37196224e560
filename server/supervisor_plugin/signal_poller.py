"""A poller that a signal or an appointment wakes, where supervisord's own sleeps its second out."""

import heapq
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from supervisor.poller import PollPoller
from supervisor.states import SupervisorStates

#: Seconds. A shutdown goes from group to group by the turn; an empty group would cost a whole second.
TURN_OF_SHUTDOWN = 0.02


class PunctualPoller(PollPoller):  # type: ignore[misc]  # supervisor ships no types
    """Every signal writes a byte to a pipe that is polled with the rest.

    Stock supervisord looks for dead children once a turn, and a turn lasts up to a second: Python takes up
    an interrupted poll again (PEP 475).
    """

    def __init__(
        self, options: Any, on_signal: Callable[[], None], on_close: Callable[[], None] = lambda: None
    ) -> None:
        """on_signal: called first in a turn that a signal started, while nothing iterates over processes.

        on_close: called last, when no process is left.
        """
        super().__init__(options)
        self._on_signal = on_signal
        self._on_close = on_close
        self._appointments: list[float] = []
        self._mouth, self._tail = os.pipe()
        for end in (self._mouth, self._tail):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._tail, warn_on_full_buffer=False)
        self.register_readable(self._mouth)

    def turn_in(self, seconds: float) -> None:
        """Make supervisord's loop turn once more when so much time has passed."""
        heapq.heappush(self._appointments, time.monotonic() + seconds)

    def poll(self, timeout: float) -> tuple[list[int], list[int]]:
        """Called by supervisord's loop, once a turn."""
        readable, writable = super().poll(self._patience(timeout))
        self._forget_past()
        if self._mouth not in readable:
            return readable, writable
        self._take_signals()
        # Whatever else is ready is ready still in the next turn. In this one a descriptor may have been
        # closed just now, and its number given to another.
        return [], []

    def close(self) -> None:
        """Called when supervisord ends, and before it starts anew in the same process."""
        signal.set_wakeup_fd(-1)
        for end in (self._mouth, self._tail):
            os.close(end)
        self._on_close()

    def _patience(self, timeout: float) -> float:
        if self.options.mood < SupervisorStates.RUNNING:
            return min(timeout, TURN_OF_SHUTDOWN)
        if self._appointments:
            return min(timeout, max(0.0, self._appointments[0] - time.monotonic()))
        return timeout

    def _forget_past(self) -> None:
        now = time.monotonic()
        while self._appointments and self._appointments[0] <= now:
            heapq.heappop(self._appointments)

    def _take_signals(self) -> None:
        if len(set(os.read(self._mouth, 4096))) > 1:
            self.turn_in(0)  # supervisord takes up one signal a turn
        self._on_signal()
