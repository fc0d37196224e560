"""The front's process: without it nobody can ask for anything, so supervisord does not outlive it."""

import sys
from typing import Any

from supervisor.states import SupervisorStates

from server.plugin.guarded import TurnIn
from server.plugin.terminal import ShownProcess

#: The program's name.
NAME = "front"

#: supervisord's exit code where the front could not be kept running.
GIVEN_UP = 1


class FrontProcess(ShownProcess):
    """Shown on the terminal. Where it cannot be kept running, everything stops in order.

    Whoever runs `motte serve` then starts it anew: systemd, Docker, a person who sees why it ended.
    """

    def __init__(self, config: Any, *, turn_in: TurnIn) -> None:
        super().__init__(config, turn_in=turn_in)
        self.is_given_up = False

    def give_up(self) -> None:
        """Called by supervisord when the front has ended too often right after its start."""
        super().give_up()
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
