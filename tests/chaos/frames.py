"""Kills of a connector right after a message has left for WhatsApp."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from server.core.paths import StateFolder
from tests.chaos.processes import connectors
from tests.support.eventually import eventually

#: Messages at most that leave before the connector dies.
MAX_MESSAGES = 6

#: Seconds after which it counts as alive: too few have left.
DIES_WITHIN = 10.0


class Frames(NamedTuple):
    """The connector that dies so, and how often."""

    session_id: str
    #: Of the kills that hit connectors.
    share: float
    #: Where the connector reads after how many messages it dies (tests/support/connector/mortal_frame.js).
    dies_after: Path

    def target(self, folder: StateFolder) -> int | None:
        """The process that can be armed. None if it is too young for the signal, and would end of it."""
        pid = connectors(folder).get(self.session_id)
        return pid if pid is not None and _takes_signal(pid) else None

    def arm(self, pid: int, random: Random) -> None:
        """Have it die after some messages."""
        self.dies_after.write_text(str(random.randint(1, MAX_MESSAGES)))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR2)

    async def has_died(self, folder: StateFolder, pid: int) -> bool:
        """Whether it is dead, or will be in time."""

        async def is_gone() -> bool:
            return connectors(folder).get(self.session_id) != pid

        try:
            return await eventually(is_gone, within=DIES_WITHIN)
        except TimeoutError:
            return False


def _takes_signal(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = int(status.partition("SigCgt:")[2].split(maxsplit=1)[0], 16)
    return bool(caught & 1 << (signal.SIGUSR2 - 1))
