"""Poller that a signal or a planned wake-up interrupts; supervisord's own sleeps up to a second."""

import heapq
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from supervisor.poller import PollPoller
from supervisor.states import SupervisorStates

#: A shutdown stops one group in each turn of the loop; with stock polling an empty group takes a second.
SHUTDOWN_POLL_SECONDS = 0.02


class SignalPoller(PollPoller):  # type: ignore[misc]  # supervisor ships no types
    """Polls a pipe to which every signal writes a byte, next to supervisord's descriptors.

    Stock supervisord reaps children once a turn, and a turn lasts up to a second: Python resumes an
    interrupted poll (PEP 475).
    """

    def __init__(
        self,
        options: Any,
        on_signal: Callable[[], None],
        *,
        on_close: Callable[[], None] = lambda: None,
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        """on_signal: called at the beginning of a turn that a signal caused. Processes are not iterated then.

        on_close: called at the end, when no process is left. on_turn: called in each turn, as on_signal.
        """
        super().__init__(options)
        self._on_signal = on_signal
        self._on_close = on_close
        self._on_turn = on_turn
        #: Monotonic moments, the earliest first.
        self._wake_ups: list[float] = []
        self._read_end, self._write_end = os.pipe()
        for end in (self._read_end, self._write_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        self.register_readable(self._read_end)

    def wake_after(self, seconds: float) -> None:
        """Plans one more turn of supervisord's loop."""
        heapq.heappush(self._wake_ups, time.monotonic() + seconds)

    def poll(self, timeout: float) -> tuple[list[int], list[int]]:
        """Called by supervisord's loop, once a turn."""
        readable, writable = super().poll(self._timeout(timeout))
        now = time.monotonic()
        while self._wake_ups and self._wake_ups[0] <= now:
            heapq.heappop(self._wake_ups)
        self._on_turn()
        if self._read_end not in readable:
            return readable, writable
        if len(set(os.read(self._read_end, 4096))) > 1:
            self.wake_after(0)  # supervisord handles one signal a turn
        self._on_signal()
        # Other ready descriptors are still ready in the next turn. In this turn one may have been closed, and
        # its number reused.
        return [], []

    def close(self) -> None:
        """Called when supervisord ends, and before it reloads in the same process."""
        signal.set_wakeup_fd(-1)
        for end in (self._read_end, self._write_end):
            os.close(end)
        self._on_close()

    def _timeout(self, timeout: float) -> float:
        if self.options.mood < SupervisorStates.RUNNING:
            return min(timeout, SHUTDOWN_POLL_SECONDS)
        if self._wake_ups:
            return min(timeout, max(0.0, self._wake_ups[0] - time.monotonic()))
        return timeout
