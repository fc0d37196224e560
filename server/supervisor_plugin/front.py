"""Process of the front. supervisord stops if it cannot be kept running: without it no client is served."""

import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from supervisor.states import SupervisorStates

from server.supervisor_plugin.child_process import WakeAfter
from server.supervisor_plugin.console import ConsoleProcess
from server.supervisor_plugin.early_front import EarlyFront, order

#: The program's name in supervisord.conf.
NAME = "front"

#: An exit after so long a life does not count as a failure.
HEALTHY_AFTER_SECONDS = 10.0

#: supervisord's exit code if the front could not be kept running.
GIVEN_UP_EXIT_CODE = 1


class FrontProcess(ConsoleProcess):
    """Front, with its log on the terminal. If it cannot be kept running, everything stops in order.

    What runs `motte serve` then starts it again: systemd, Docker, or a person who reads why it ended.
    """

    def __init__(self, config: Any, *, wake_after: WakeAfter, early: EarlyFront | None = None) -> None:
        """early: what the first start takes over, instead of starting a process."""
        super().__init__(config, wake_after=wake_after)
        self._early = early
        self.is_given_up = False
        self._started_at = 0.0
        #: Exits in a row, each soon after its start.
        self._early_exits = 0

    def visible_variables(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """All of them: MOTTE_PROXY and the variables that it may name are among them."""
        return environ

    def spawn(self) -> int | None:
        """Starts it, and returns its pid; None if that failed."""
        self._started_at = time.monotonic()
        early, self._early = self._early, None
        return super().spawn() if early is None else self._take_over(early)

    def _take_over(self, early: EarlyFront) -> int | None:
        """Continues with a process that was started before supervisord, or starts one if that has ended."""
        if not early.is_alive():
            early.end()
            return super().spawn()
        with early.stands_in(self.config.options):
            pid = super().spawn()
        if pid is None:
            early.end()
        else:
            with suppress(OSError):  # it has ended, and supervisord will soon know
                self.write(order(os.environ))
        return pid

    def finish(self, pid: int, sts: int) -> None:
        """Handles its end. Stock rules take an exit after `startsecs` for a good start, and retry for ever.

        An end by a signal is not counted: something else caused it, and the other processes need not stop.
        """
        was_stopped = self.killing
        super().finish(pid, sts)
        lived = time.monotonic() - self._started_at
        if was_stopped or lived >= HEALTHY_AFTER_SECONDS or not os.WIFEXITED(sts):
            self._early_exits = 0
            return
        self._early_exits += 1
        if self._early_exits > self.config.startretries:
            self._shut_down()

    def give_up(self) -> None:
        """Called by supervisord after too many failed starts, and during a stop."""
        super().give_up()
        self._shut_down()

    def _shut_down(self) -> None:
        if self.config.options.mood != SupervisorStates.RUNNING:
            return  # A shutdown gives up each process that waits for its next start.
        self.is_given_up = True
        self.config.options.logger.critical("the front cannot be kept running: stopping everything")
        self.config.options.mood = SupervisorStates.SHUTDOWN


def exit_if_given_up(supervisord: Any) -> None:
    """Called when no process is left. supervisord's own exit code is always 0.

    Raises SystemExit.
    """
    for group in supervisord.process_groups.values():
        front = group.processes.get(NAME)
        if isinstance(front, FrontProcess) and front.is_given_up:
            sys.exit(GIVEN_UP_EXIT_CODE)
