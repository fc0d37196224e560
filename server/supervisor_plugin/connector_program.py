"""Configuration of every connector: the options of `[rpcinterface:motte]`."""

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
from server.core.settings.model import Isolation
from server.isolation.confinement import Confinement, Offered
from server.protocol.exit_codes import DONE, RECYCLE, RESTART
from server.supervisor_plugin.restart_policy import RestartPolicy

#: Options of the C library, which keeps memory for each of Node's threads by default: 4 MiB in a session.
#: `MALLOC_TRIM_THRESHOLD_`: bytes of free memory above which it goes back to the host.
#: A start takes 12 ms longer with 128 KiB.
MALLOC = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "1048576"}


class ConnectorConfig(ProcessConfig):  # type: ignore[misc]  # supervisor ships no types
    """Configuration of one connector, as a `[program:…]` section would hold it."""

    def make_dispatchers(self, process: Any) -> tuple[dict[int, Any], dict[str, int | None]]:
        """Opens two pipes instead of three: a connector's stdout goes to /dev/null.

        supervisord takes the connector's stderr for its stdout: `supervisorctl tail connector:ID` shows
        stdout if no channel is named.
        """
        pipes = self.options.make_pipes(stderr=False)
        pipes["child_stderr"], pipes["child_stdout"] = pipes["child_stdout"], None
        output, input_ = pipes["stdout"], pipes["stdin"]
        try:
            reader = POutputDispatcher(process, ProcessCommunicationStdoutEvent, output)
        except OSError:  # The log cannot be opened; stock code would leave the pipes open.
            self.options.close_parent_pipes(pipes)
            self.options.close_child_pipes(pipes)
            raise
        return {output: reader, input_: PInputDispatcher(process, "stdin", input_)}, pipes


class ConnectorProgram(NamedTuple):
    """The parsed options. Times are seconds, decimals allowed."""

    state: StateFolder
    #: Program and arguments; the session's id is added as the last one.
    command: tuple[str, ...]
    #: Working directory.
    directory: str
    #: A connector is STARTING for so long after its start, then RUNNING.
    startsecs: float
    #: Time between SIGTERM and SIGKILL.
    stopwaitsecs: float
    #: After so many crashes in a row, a connector that is not linked to an account is given up.
    tries: int
    #: Delay between the first crash and the next start. It doubles with each crash.
    first_delay: float
    #: Upper limit of the delay.
    longest_delay: float
    #: Once a connector has run for so long, earlier crashes are forgotten.
    healthy_after: float
    #: A connector that crashes after it has run for so long is started again at once, a few times a minute.
    steady_after: float
    #: MiB that a connector should have resident at most.
    memory: int
    #: Bytes after which a log is rotated. One older file is kept.
    log_maxbytes: int
    #: What the kernel offers to isolate a connector; None if connectors are not isolated.
    isolation: Offered | None

    @classmethod
    def parse(cls, *, state: str, connector_command: str, connector_directory: str, **options: str) -> Self:
        """Raises TypeError for a missing or unknown option, ValueError for one that cannot be parsed."""
        command = tuple(shlex.split(connector_command))
        parsers = {
            "tries": int,
            "memory": int,
            "log_maxbytes": byte_size,
            "isolation": _isolation,
        }
        parsed = {name: parsers.get(name, float)(value) for name, value in options.items()}
        return cls(StateFolder(Path(state)), command, connector_directory, **parsed)

    def restart_policy(self, session_id: str) -> RestartPolicy:
        folder = self.state.session(session_id).path
        return RestartPolicy(
            tries=self.tries,
            first_delay=self.first_delay,
            longest_delay=self.longest_delay,
            healthy_after=self.healthy_after,
            steady_after=self.steady_after,
            is_linked=lambda: is_linked(folder),
        )

    def confinement(self, session_id: str) -> Confinement | None:
        """Returns what a session's connector may use; None if that is not limited."""
        if self.isolation is None:
            return None
        return Confinement(
            self.isolation,
            own=self.state.session(session_id).path,
            code=Path(self.directory, "connector"),
            cache=self.state.cache,
            node=Path(self.command[0]),
        )

    def process_config(self, options: Any, session_id: str) -> ConnectorConfig:
        """options: supervisord's own."""
        confinement = self.confinement(session_id)
        node, *arguments = self.command
        node_options = confinement.node_options() if confinement else ()
        return ConnectorConfig(
            options,
            name=session_id,
            command=shlex.join((node, *node_options, *arguments, session_id)),
            directory=self.directory,
            uid=None,
            umask=0o077,
            priority=999,
            autostart=False,
            autorestart=False,
            exitcodes=[DONE, RESTART, RECYCLE, -1],  # -1: a signal, expected after a requested stop
            startsecs=self.startsecs,
            startretries=self.tries,
            stopsignal=SIGTERM,
            stopwaitsecs=self.stopwaitsecs,
            stopasgroup=False,
            killasgroup=False,
            redirect_stderr=False,
            # Temporary files of SQLite: its own choice would be a folder for all.
            environment={**MALLOC, "TMPDIR": str(self.state.session(session_id).path)},
            serverurl="",  # supervisord would name its socket in SUPERVISOR_SERVER_URL
            **_log("stdout", str(self.state.logs / f"connector-{session_id}.log"), self.log_maxbytes),
            **_log("stderr", None, 0),
        )


def _isolation(word: str) -> Offered | None:
    return Offered.here() if Isolation(word) is Isolation.ON else None


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
