"""Keeps warm spares ready, and gives each to one session."""

import shutil
import time
from itertools import count
from typing import Any

from supervisor.states import SupervisorStates

from server.connectors.folders import is_blank
from server.core.free_memory import free_memory
from server.supervisor_plugin.child_process import WakeAfter
from server.supervisor_plugin.connector import ConnectorProcess
from server.supervisor_plugin.connector_group import ConnectorGroup
from server.supervisor_plugin.connector_program import ConnectorProgram

MIB = 1024 * 1024

#: Memory that a spare takes once it has loaded, and its session at its first code.
SPARE_BYTES = 64 * MIB

#: Between two looks.
LOOK_SECONDS = 1.0

#: From the moment a spare is given away until the next one may load: the session shows its code first.
REFILL_DELAY_SECONDS = 0.2

#: Between two looks whether memory has become short.
MEMORY_LOOK_SECONDS = 5.0


class Spares:
    """The spares of the group. Moments are monotonic, in seconds."""

    def __init__(
        self, supervisord: Any, group: ConnectorGroup, program: ConnectorProgram, *, wake_after: WakeAfter
    ) -> None:
        self._supervisord = supervisord
        self._group = group
        self._program = program
        self._wake_after = wake_after
        self._number = program.warm_spares if program.can_have_spares else 0
        #: No name is used twice: a folder of that name could be another spare's.
        self._names = (f"_spare-{number}" for number in count(1))
        self._look_at = time.monotonic() + program.first_spare
        self._memory_look_at = 0.0

    def clear(self) -> None:
        """Removes the folders of spares that have died with an earlier supervisord."""
        shutil.rmtree(self._program.state.spares, ignore_errors=True)

    def look(self) -> None:
        """Starts a spare if one is missing, and gives one up if memory is short. Called once in each turn."""
        now = time.monotonic()
        if now < self._look_at or self._supervisord.options.mood != SupervisorStates.RUNNING:
            return
        self._look_at = now + LOOK_SECONDS
        spares = self._group.spares()
        if len(spares) < self._number:
            # One at a time, and none while a session loads: that one is waited for.
            if self._group.exists and not self._group.is_loading and self._has_room(SPARE_BYTES):
                self._group.create_spare(next(self._names)).ensure_started()
        elif spares and now >= self._memory_look_at:
            self._memory_look_at = now + MEMORY_LOOK_SECONDS
            if not self._has_room(0):
                self.give_up()

    def give_to(self, process: ConnectorProcess) -> None:
        """Gives a spare to a session's connector that was not started yet, if there is a spare.

        The folder of the session must be blank: a spare can reach no other folder than its own, which takes
        the place of that one. Otherwise, or if anything fails, the connector has no process, and is started
        as without spares.
        """
        session_id = process.config.name
        folder = self._program.state.session(session_id)
        spare = next((spare for spare in self._group.spares() if spare.is_warm), None)
        if spare is None or not is_blank(folder):
            return
        try:
            log = process.config.open_log()
        except OSError:
            return
        try:
            spare.give(folder)
        except OSError as error:
            self._supervisord.options.logger.warn(f"no spare for {session_id!r}: {error}")
            log.close()
            return
        try:
            spare.tell(session_id)
        except OSError:  # it has just ended; the session has its furnished folder
            spare.retire()
            log.close()
            return
        process.adopt(spare, log)
        self._group.remove(spare)
        self._look_at = time.monotonic() + REFILL_DELAY_SECONDS
        self._wake_after(REFILL_DELAY_SECONDS)

    def give_up(self) -> list[ConnectorProcess]:
        """Stops all spares, because memory is short. Returns them: they are not gone yet."""
        spares: list[ConnectorProcess] = [spare for spare in self._group.spares() if spare.is_awake]
        for spare in spares:
            spare.retire()
        return spares

    def _has_room(self, size: int) -> bool:
        """Whether so many bytes are free in addition to what a new session needs."""
        least = self._program.min_free_memory * MIB
        free = free_memory() if least else None
        return free is None or free >= least + size
