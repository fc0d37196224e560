"""What the connectors have in common: the options of `[rpcinterface:motte]`."""

import shlex
from pathlib import Path
from signal import SIGTERM
from typing import Any, NamedTuple, Self

from supervisor.datatypes import byte_size
from supervisor.dispatchers import PInputDispatcher, POutputDispatcher
from supervisor.events import ProcessCommunicationStdoutEvent
from supervisor.options import ProcessConfig

from server.connectors.credentials import is_linked
from server.core.paths import StateFolder
from server.protocol.exit_codes import AGAIN, AT_REST, RECYCLED
from server.supervisor_plugin.restart_policy import RestartPolicy

#: Options of the C library, which keeps memory for each of Node's threads by default: 4 MiB in a session.
#: `MALLOC_TRIM_THRESHOLD_`: bytes of free memory above which it goes back to the host.
MALLOC = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"}


class ConnectorConfig(ProcessConfig):  # type: ignore[misc]  # supervisor ships no types
    """A program's section, for one connector."""

    def make_dispatchers(self, process: Any) -> tuple[dict[int, Any], dict[str, int | None]]:
        """Two pipes instead of three: what a connector would say on stdout goes to /dev/null.

        What it says on stderr is what supervisord calls its stdout: `supervisorctl tail connector:ID` shows
        that where nobody names a channel.
        """
        pipes = self.options.make_pipes(stderr=False)
        pipes["child_stderr"], pipes["child_stdout"] = pipes["child_stdout"], None
        heard, told = pipes["stdout"], pipes["stdin"]
        try:
            output = POutputDispatcher(process, ProcessCommunicationStdoutEvent, heard)
        except OSError:  # Its log cannot be opened; stock code leaves the pipes open then.
            self.options.close_parent_pipes(pipes)
            self.options.close_child_pipes(pipes)
            raise
        return {heard: output, told: PInputDispatcher(process, "stdin", told)}, pipes


class ConnectorProgram(NamedTuple):
    """The options, read. Times are seconds, decimals allowed."""

    state: StateFolder
    #: Its arguments; the session's id follows as the last one.
    command: tuple[str, ...]
    #: Where it runs.
    directory: str
    #: A connector is RUNNING when it has lived so long; before that it is STARTING.
    startsecs: float
    #: From TERM to KILL.
    stopwaitsecs: float
    #: With the last of so many crashes in a row we give up a connector that is not linked to an account.
    tries: int
    #: From the first crash to the next start; doubles with each crash.
    first_delay: float
    #: The delay grows no longer than this.
    longest_delay: float
    #: After so long a life earlier crashes are forgotten.
    healthy_after: float
    #: Bytes after which a log is rotated; one older file is kept.
    log_maxbytes: int

    @classmethod
    def parse(cls, *, state: str, connector_command: str, connector_directory: str, **options: str) -> Self:
        """Raises TypeError for an option too many or too few, ValueError for one that cannot be read."""
        command = tuple(shlex.split(connector_command))
        readers = {"tries": int, "log_maxbytes": byte_size}
        read = {name: readers.get(name, float)(value) for name, value in options.items()}
        return cls(StateFolder(Path(state)), command, connector_directory, **read)

    def patience(self, session_id: str) -> RestartPolicy:
        """For one connector."""
        folder = self.state.session(session_id).path
        return RestartPolicy(
            tries=self.tries,
            first_delay=self.first_delay,
            longest_delay=self.longest_delay,
            healthy_after=self.healthy_after,
            is_linked=lambda: is_linked(folder),
        )

    def config(self, options: Any, session_id: str) -> ConnectorConfig:
        """The section of one connector. options: supervisord's own."""
        return ConnectorConfig(
            options,
            name=session_id,
            command=shlex.join((*self.command, session_id)),
            directory=self.directory,
            uid=None,
            umask=0o077,
            priority=999,
            autostart=False,
            autorestart=False,
            exitcodes=[AT_REST, AGAIN, RECYCLED, -1],  # -1: a signal; no alarm where a stop was asked.
            startsecs=self.startsecs,
            startretries=self.tries,
            stopsignal=SIGTERM,
            stopwaitsecs=self.stopwaitsecs,
            stopasgroup=False,
            killasgroup=False,
            redirect_stderr=False,
            environment=MALLOC,
            **_log("stdout", str(self.state.logs / f"connector-{session_id}.log"), self.log_maxbytes),
            **_log("stderr", None, 0),
        )


def _log(channel: str, path: str | None, maxbytes: int) -> dict[str, Any]:
    options = {
        "logfile": path,
        "logfile_maxbytes": maxbytes,
        "logfile_backups": 1,
        "capture_maxbytes": 0,
        "events_enabled": False,
        "syslog": False,
    }
    return {f"{channel}_{name}": value for name, value in options.items()}
