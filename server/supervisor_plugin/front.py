"""The front's process: without it nobody can ask for anything, so supervisord does not outlive it."""

import os
import sys
import time
from typing import Any

from supervisor.states import SupervisorStates

from server.supervisor_plugin.child_process import TurnIn
from server.supervisor_plugin.console import ShownProcess

#: The program's name.
NAME = "front"

#: Seconds. One that has lived so long was well, whatever ends it.
HEALTHY_AFTER = 10.0

#: supervisord's exit code where the front could not be kept running.
GIVEN_UP = 1


class FrontProcess(ShownProcess):
    """Shown on the terminal. Where it cannot be kept running, everything stops in order.

    Whoever runs `motte serve` then starts it anew: systemd, Docker, a person who sees why it ended.
    """

    knows_proxies = True

    def __init__(self, config: Any, *, turn_in: TurnIn) -> None:
        super().__init__(config, turn_in=turn_in)
        self.is_given_up = False
        self._started_at = 0.0
        #: Ends in a row of its own making, soon after a start.
        self._short_lives = 0

    def spawn(self) -> int | None:
        self._started_at = time.monotonic()
        return super().spawn()

    def finish(self, pid: int, sts: int) -> None:
        """It is dead. Stock rules take every end after `startsecs` for a good start, and try for ever.

        An end by a signal is not counted: somebody else's doing, and no reason to stop all others.
        """
        was_told = self.killing
        super().finish(pid, sts)
        lived = time.monotonic() - self._started_at
        if was_told or lived >= HEALTHY_AFTER or not os.WIFEXITED(sts):
            self._short_lives = 0
            return
        self._short_lives += 1
        if self._short_lives > self.config.startretries:
            self._stop_everything()

    def give_up(self) -> None:
        """Called by supervisord when the front has ended too often right after its start, and at a stop."""
        super().give_up()
        self._stop_everything()

    def _stop_everything(self) -> None:
        if self.config.options.mood != SupervisorStates.RUNNING:
            return  # It stops already, and gives up whoever waits for a next try.
        self.is_given_up = True
        self.config.options.logger.critical("the front cannot be kept running: stopping everything")
        self.config.options.mood = SupervisorStates.SHUTDOWN


def end(supervisord: Any) -> None:
    """Called when no process is left. supervisord by itself ends with 0, whatever has happened.

    Raises SystemExit.
    """
    for group in supervisord.process_groups.values():
        front = group.processes.get(NAME)
        if isinstance(front, FrontProcess) and front.is_given_up:
            sys.exit(GIVEN_UP)
