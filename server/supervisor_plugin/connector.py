"""Process of one connector: when it runs, sleeps and is started again."""

import os
import signal
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from supervisor.states import ProcessStates, SupervisorStates, getProcessStateDescription

from server.isolation.confinement import Confinement
from server.isolation.environment import connector_environment
from server.protocol.exit_codes import RECYCLE
from server.supervisor_plugin.child_process import ChildProcess, WakeAfter
from server.supervisor_plugin.connector_config import hand_over
from server.supervisor_plugin.connector_status import ConnectorStatus
from server.supervisor_plugin.data_limit import limit_data
from server.supervisor_plugin.exit_notifier import ExitNotifier
from server.supervisor_plugin.resident_memory import resident_bytes
from server.supervisor_plugin.restart_counters import RestartCounters
from server.supervisor_plugin.restart_policy import ProcessExit, RestartDecision, RestartPolicy

#: States that are logged as warnings.
WARNING_STATES = (ProcessStates.BACKOFF, ProcessStates.FATAL)


class ConnectorProcess(ChildProcess):
    """One connector under Motte's restart policy; stock rules take every early exit for a failed start.

    Moments are monotonic. Only what supervisord shows is wall time: `laststart`, `laststop` and the stock
    `delay`, which nothing here reads.
    """

    #: What a line of the log names.
    KIND: ClassVar = "session"

    def __init__(
        self,
        config: Any,
        *,
        restart_policy: RestartPolicy,
        restart_counters: RestartCounters,
        exit_notifier: ExitNotifier,
        wake_after: WakeAfter,
        data_limit: int | None,
        confinement: Confinement | None = None,
    ) -> None:
        """data_limit: bytes, data_limit.py; None: no limit."""
        super().__init__(config, wake_after=wake_after)
        self._data_limit = data_limit
        self._confinement = confinement
        self._restart_policy = restart_policy
        self._restart_counters = restart_counters
        self._exit_notifier = exit_notifier
        self._started_at = 0.0
        self._kill_at = 0.0
        #: When it is started again; None if only a request starts it.
        self._restart_at: float | None = None
        #: None if a process runs, or none could be started.
        self._last_exit: ProcessExit | None = None
        #: Stopped by `motte.stop`: it leaves the group once its process is gone.
        self._is_retiring = False
        #: Killed by `motte.kill`, because it did not answer.
        self._was_deaf = False

    @property
    def is_running(self) -> bool:
        """Whether it has a process, stopping or not, or a start is planned."""
        return bool(self.pid) or self._restart_at is not None

    @property
    def is_leaving(self) -> bool:
        """Whether it must be removed from the group: it is asleep, or was stopped by `motte.stop`."""
        return not self.is_running and (self._is_retiring or self.state == ProcessStates.EXITED)

    @property
    def is_stopping(self) -> bool:
        return bool(self.state == ProcessStates.STOPPING)

    @property
    def is_loading(self) -> bool:
        """Whether its process was started a moment ago."""
        return bool(self.state == ProcessStates.STARTING)

    def ensure_started(self) -> None:
        """Starts it, unless it runs or a start is planned."""
        self._is_retiring = False
        if not self.is_running:
            self.spawn()

    def retire(self) -> None:
        """Stops it and lets it leave the group once its process is gone. A second call changes nothing."""
        self._is_retiring = True
        if not self.is_stopping:
            self.stop()

    def adopt(self, other: Any, log: Any) -> None:
        """Continues with the process of another one, whose life begins now, and which has none after that.

        other: a ConnectorProcess. log: where it writes from now on, `ConnectorConfig.open_log`.
        """
        hand_over(other.dispatchers, self, log)
        self.pid, other.pid = other.pid, 0
        self.pipes, other.pipes = other.pipes, {}
        self.dispatchers, other.dispatchers = other.dispatchers, {}
        self.config.options.pidhistory[self.pid] = self
        self.laststart, self._started_at = time.time(), time.monotonic()
        self.state, other.state = other.state, ProcessStates.STOPPED
        self._wake_after(self.config.startsecs)
        self._report()

    def kill_deaf(self) -> bool:
        """Kills a process that does not answer; it counts as a crash. False if none runs, or it is ending."""
        if not self.pid or self.is_stopping:
            return False
        self._was_deaf = True
        self.config.options.logger.warn(f"killing {self.config.name!r}: it does not answer")
        os.kill(self.pid, signal.SIGKILL)  # our own child, not reaped yet: the pid is still its own
        return True

    def describe(self) -> dict[str, Any]:
        """What `motte.start` and `motte.list` return of it."""
        fields = {**self._status().summary(), **self._restart_counters.describe()}
        if self.pid:
            fields["uptime"] = round(time.monotonic() - self._started_at, 3)
            fields["memory"] = float(resident_bytes(self.pid) or 0)  # an integer of XML-RPC ends at 2 GB
        return fields

    def visible_variables(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """Few: the others may hold secrets of the host. Proxies come by pipe."""
        return connector_environment(environ)

    # Called by supervisord from here on.

    def set_uid(self) -> str | None:
        """Called in the child before exec. A connector that cannot be confined is not started."""
        refusal = super().set_uid() or self._enter_directory()
        if self._data_limit is not None:
            limit_data(self._data_limit)
        if refusal is None and self._confinement:
            try:
                self._confinement.enter(os.environ)
            except OSError as error:
                refusal = f"the connector cannot be isolated: {error}"
        return refusal

    def spawn(self) -> int | None:
        """Starts it, because its start is due, or because the front or a person asked."""
        if self.pid:
            return None
        if self._restart_at is None:
            self._restart_policy.reset()
        if self.state == ProcessStates.BACKOFF:
            self._restart_counters.restarts += 1
        self._restart_at = None
        self._last_exit = None
        self._was_deaf = False
        self._started_at = time.monotonic()
        pid = super().spawn()
        if pid is None:
            self._apply(self._restart_policy.count_crash())
        else:
            self._wake_after(self.config.startsecs)
            self._report()
        return pid

    def kill(self, sig: int) -> str | None:
        """Signals it. If it only waits for its next start, that start is cancelled."""
        waited = self.state == ProcessStates.BACKOFF
        self._restart_at = None
        self._kill_at = time.monotonic() + self.config.stopwaitsecs
        problem = super().kill(sig)
        if waited:
            self._report()
        return problem

    def finish(self, pid: int, sts: int) -> None:
        """Handles the end of its process. sts: as waitpid gives it."""
        self._last_exit = process_exit = ProcessExit.of(sts)
        if self.killing:
            super().finish(pid, sts)
            self._report()
            return
        self._clean_up(process_exit)
        now = time.monotonic()
        self._apply(self._restart_policy.decide(process_exit, lived=now - self._started_at, now=now))

    def transition(self) -> None:
        """Does what is due. Called once in each turn of supervisord's loop."""
        now = time.monotonic()
        if self._restart_at is not None:
            if now >= self._restart_at and self._supervisord_runs():
                self.spawn()
        elif self.state == ProcessStates.STARTING:
            if now >= self._started_at + self.config.startsecs:
                self.change_state(ProcessStates.RUNNING)
                self._report()
        elif self.state == ProcessStates.RUNNING:
            self._restart_policy.forget_crashes_if_healthy(lived=now - self._started_at)
        elif self.is_stopping and now >= self._kill_at:
            self.config.options.logger.warn(f"killing {self.config.name!r}: it does not stop")
            self.kill(signal.SIGKILL)

    def _enter_directory(self) -> str | None:
        """Does now what supervisord would do later, when the filter of calls refuses it."""
        directory, self.config.directory = self.config.directory, None
        try:
            os.chdir(directory)
        except OSError as error:
            return f"{directory}: {error.strerror}"
        return None

    def _clean_up(self, process_exit: ProcessExit) -> None:
        """Does what stock `finish` does, apart from deciding what follows."""
        self.drain()
        self.laststop = time.time()
        self.exitstatus = -1 if process_exit.code is None else process_exit.code
        self.spawnerr = str(process_exit)  # shown by `supervisorctl status`
        self.pid = 0
        self.config.options.close_parent_pipes(self.pipes)
        self.pipes.clear()
        self.dispatchers.clear()

    def _apply(self, decision: RestartDecision) -> None:
        now = time.monotonic()
        match decision:
            case RestartDecision.SLEEP:
                self.change_state(ProcessStates.EXITED)
            case RestartDecision.RESTART_NOW:
                self._restart_counters.recycled += self._last_exit == ProcessExit(code=RECYCLE)
                self._restart_at = now
                self.change_state(ProcessStates.EXITED)
                return
            case RestartDecision.RESTART_LATER:
                delay = 0.0 if self._restart_policy.is_immediate else self._restart_policy.delay
                self._restart_at = now + delay
                self._wake_after(delay)
                self.change_state(ProcessStates.BACKOFF)
            case RestartDecision.GIVE_UP:
                self.change_state(ProcessStates.FATAL)
        self._report()

    def _report(self) -> None:
        """Reports its state to the log and the front; during a shutdown it reports nothing."""
        if self._supervisord_runs():
            notice = self._status().notice()
            self._log(notice)
            self._exit_notifier.send(notice)

    def _log(self, notice: dict[str, Any]) -> None:
        logger = self.config.options.logger
        write = logger.warn if self.state in WARNING_STATES else logger.info
        fields = (f"{name}={value}" for name, value in notice.items() if value is not None and name != "id")
        # As an argument, not in the format: a detail may hold a percent sign.
        write("%(kind)s=%(name)s %(fields)s", kind=self.KIND, name=self.config.name, fields=" ".join(fields))

    def _status(self) -> ConnectorStatus:
        remaining = None if self._restart_at is None else self._restart_at - time.monotonic()
        return ConnectorStatus(
            session_id=self.config.name,
            state=str(getProcessStateDescription(self.state)),
            pid=self.pid,
            last_exit=self._last_exit,
            crashes=self._restart_policy.crashes,
            retry_in=None if remaining is None else max(0.0, round(remaining, 3)),
            is_stopped_by_hand=self.state == ProcessStates.STOPPED and not self._is_retiring,
            is_deaf=self._was_deaf,
            detail=self.spawnerr,
        )

    def _supervisord_runs(self) -> bool:
        return bool(self.config.options.mood == SupervisorStates.RUNNING)
