"""State of a connector's process, as the front and supervisord's log read it."""

from typing import Any, NamedTuple

from server.supervisor_plugin.restart_policy import ProcessExit


class ConnectorStatus(NamedTuple):
    """State of one process at one moment."""

    session_id: str
    #: supervisord's name of the state: STARTING, RUNNING, BACKOFF, STOPPING, STOPPED, EXITED or FATAL.
    state: str
    #: 0 if there is no process.
    pid: int
    #: How the last process ended; None if one runs, or none could be started.
    last_exit: ProcessExit | None
    #: Crashes in a row.
    crashes: int
    #: Seconds until the next start; None if none is planned.
    retry_in: float | None
    #: Whether somebody stopped it with supervisorctl.
    is_stopped_by_hand: bool
    #: Whether `motte.kill` killed it because it did not answer.
    is_deaf: bool
    #: Why no process could be started, or how the last one ended.
    detail: str

    def notice(self) -> dict[str, Any]:
        """The fields of the front's event `ended`, and of a line in supervisord's log."""
        last_exit = self.last_exit or ProcessExit()
        return {
            "id": self.session_id,
            "state": self.state,
            "pid": self.pid or None,
            "exit": last_exit.code,
            "signal": last_exit.signal,
            "tries": self.crashes,
            "retryIn": self.retry_in,
            "byHand": self.is_stopped_by_hand,
            "deaf": self.is_deaf,
            "detail": None if self.last_exit else self.detail,
        }

    def summary(self) -> dict[str, Any]:
        """What `motte.start` and `motte.list` return. XML-RPC has no null: absent values are left out."""
        fields: dict[str, Any] = {
            "id": self.session_id,
            "state": self.state,
            "pid": self.pid,
            "tries": self.crashes,
        }
        if self.last_exit:
            fields["exit"] = self.last_exit.code if self.last_exit.signal is None else -self.last_exit.signal
        if self.retry_in is not None:
            fields["retryIn"] = self.retry_in
        return fields
