"""A connector's process: when it runs, rests, and is started again."""

import os
import signal
import time
from typing import Any

from supervisor.states import ProcessStates, SupervisorStates, getProcessStateDescription

from server.protocol.exit_codes import RECYCLED
from server.supervisor_plugin.child_process import GuardedProcess, TurnIn
from server.supervisor_plugin.exit_notifier import ExitNotifier
from server.supervisor_plugin.restart_counters import RestartCounters
from server.supervisor_plugin.restart_policy import Death, RestartPolicy, Verdict
from server.supervisor_plugin.rss import resident

#: States that somebody should know of.
TROUBLE = (ProcessStates.BACKOFF, ProcessStates.FATAL)


class ConnectorProcess(GuardedProcess):
    """One connector under our rules; stock ones take every early end for a failed start.

    Its moments are monotonic. What remains on the wall clock is what supervisord shows: `laststart`,
    `laststop` and the stock `delay`, which nothing here reads.
    """

    def __init__(
        self,
        config: Any,
        *,
        patience: RestartPolicy,
        tally: RestartCounters,
        notices: ExitNotifier,
        turn_in: TurnIn,
    ) -> None:
        super().__init__(config, turn_in=turn_in)
        self._patience = patience
        self._tally = tally
        self._notices = notices
        self._started_at = 0.0
        self._kill_at = 0.0
        #: When it is started again; None: not by itself.
        self._due_at: float | None = None
        self._death = Death()
        #: Asked for by `motte.stop`: it leaves the group when it is gone.
        self._retiring = False
        #: Killed by `motte.kill`, because it answered nobody.
        self._was_deaf = False

    @property
    def running(self) -> bool:
        """Whether it has a process, stopping or not, or will have one without being asked."""
        return bool(self.pid) or self._due_at is not None

    @property
    def leaving(self) -> bool:
        """Whether it is to be taken out of the group: it is asleep, or was asked away."""
        return not self.running and (self._retiring or self.state == ProcessStates.EXITED)

    @property
    def stopping(self) -> bool:
        return bool(self.state == ProcessStates.STOPPING)

    def ensure(self) -> None:
        """Start it, unless it runs or waits for its next try."""
        self._retiring = False
        if not self.running:
            self.spawn()

    def retire(self) -> None:
        """Stop it, and let it leave the group when it is gone. Asking twice changes nothing."""
        self._retiring = True
        if not self.stopping:
            self.stop()

    def put_down(self) -> bool:
        """Kill it, since it answers nobody: a crash like others. False: it has no process, or is ending."""
        if not self.pid or self.stopping:
            return False
        self._was_deaf = True
        self.config.options.logger.warn(f"killing {self.config.name!r}: it does not answer")
        os.kill(self.pid, signal.SIGKILL)  # our own child, not buried yet: the number is still its own
        return True

    def describe(self) -> dict[str, Any]:
        """What `motte.start` and `motte.list` say of it. What is not there is left out: XML has no null."""
        said = {
            "id": self.config.name,
            "state": self._state_name(),
            "pid": self.pid,
            "tries": self._patience.crashes,
            **self._tally.describe(),
        }
        if self.pid:
            said["uptime"] = round(time.monotonic() - self._started_at, 3)
            said["memory"] = float(resident(self.pid) or 0)  # XML-RPC's integers end at two gigabytes
        if self._died:
            said["exit"] = self._death.exit if self._death.signal is None else -self._death.signal
        if self._due_at is not None:
            said["retryIn"] = self._retry_in()
        return said

    # From here on: called by supervisord.

    def spawn(self) -> int | None:
        """Start it: because it is due, or because the front or a person asks."""
        if self.pid:
            return None
        if self._due_at is None:
            self._patience.renew()
        if self.state == ProcessStates.BACKOFF:
            self._tally.restarts += 1
        self._due_at = None
        self._death = Death()
        self._was_deaf = False
        self._started_at = time.monotonic()
        pid = super().spawn()
        if pid is None:
            self._follow(self._patience.crash())
        else:
            self._turn_in(self.config.startsecs)
            self._tell()
        return pid

    def kill(self, sig: int) -> str | None:
        """Signal it; where it only waits for its next try, that is called off."""
        waited = self.state == ProcessStates.BACKOFF
        self._due_at = None
        self._kill_at = time.monotonic() + self.config.stopwaitsecs
        problem = super().kill(sig)
        if waited:
            self._tell()
        return problem

    def finish(self, pid: int, sts: int) -> None:
        """It is dead. sts: as waitpid gives it."""
        self._death = Death.of(sts)
        if self.killing:
            super().finish(pid, sts)
            self._tell()
            return
        self._mark_closed()
        now = time.monotonic()
        self._follow(self._patience.judge(self._death, lived=now - self._started_at, now=now))

    def transition(self) -> None:
        """Once a turn of supervisord's loop: what is due now?"""
        now = time.monotonic()
        if self._due_at is not None:
            if now >= self._due_at and self._up():
                self.spawn()
        elif self.state == ProcessStates.STARTING:
            if now >= self._started_at + self.config.startsecs:
                self.change_state(ProcessStates.RUNNING)
                self._tell()
        elif self.state == ProcessStates.RUNNING:
            self._patience.reward(lived=now - self._started_at)
        elif self.stopping and now >= self._kill_at:
            self.config.options.logger.warn(f"killing {self.config.name!r}: it does not stop")
            self.kill(signal.SIGKILL)

    def _mark_closed(self) -> None:
        """What stock `finish` does beside its judgement."""
        self.drain()
        self.laststop = time.time()
        self.exitstatus = -1 if self._death.exit is None else self._death.exit
        self.spawnerr = str(self._death)  # shown by `supervisorctl status`
        self.pid = 0
        self.config.options.close_parent_pipes(self.pipes)
        self.pipes.clear()
        self.dispatchers.clear()

    def _follow(self, verdict: Verdict) -> None:
        now = time.monotonic()
        match verdict:
            case Verdict.REST:
                self.change_state(ProcessStates.EXITED)
            case Verdict.AGAIN:
                self._tally.recycled += self._death.exit == RECYCLED
                self._due_at = now
                self.change_state(ProcessStates.EXITED)
                return
            case Verdict.LATER:
                self._due_at = now + self._patience.delay
                self._turn_in(self._patience.delay)
                self.change_state(ProcessStates.BACKOFF)
            case Verdict.GIVE_UP:
                self.change_state(ProcessStates.FATAL)
        self._tell()

    def _tell(self) -> None:
        """Tell log and front where it stands now; no word of what falls because everything falls."""
        if self._up():
            notice = self._notice()
            self._log(notice)
            self._notices.send(notice)

    def _notice(self) -> dict[str, Any]:
        return {
            "id": self.config.name,
            "state": self._state_name(),
            "pid": self.pid or None,
            "exit": self._death.exit,
            "signal": self._death.signal,
            "tries": self._patience.crashes,
            "retryIn": None if self._due_at is None else self._retry_in(),
            "byHand": self.state == ProcessStates.STOPPED and not self._retiring,
            "deaf": self._was_deaf,
            "detail": None if self._died else self.spawnerr,
        }

    def _log(self, notice: dict[str, Any]) -> None:
        logger = self.config.options.logger
        write = logger.warn if self.state in TROUBLE else logger.info
        said = (f"{name}={value}" for name, value in notice.items() if value is not None and name != "id")
        # Beside the format, not in it: a detail may hold a percent sign.
        write("session=%(session)s %(said)s", session=self.config.name, said=" ".join(said))

    @property
    def _died(self) -> bool:
        """Whether its last process was there and is gone; False where it could not be started."""
        return self._death != Death()

    def _state_name(self) -> str:
        return str(getProcessStateDescription(self.state))

    def _retry_in(self) -> float:
        """Seconds until it is started again."""
        return max(0.0, round((self._due_at or 0.0) - time.monotonic(), 3))

    def _up(self) -> bool:
        return bool(self.config.options.mood == SupervisorStates.RUNNING)
