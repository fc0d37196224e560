"""Configuration of every connector: the options of `[rpcinterface:motte]`."""

import shlex
from collections.abc import Callable
from pathlib import Path
from signal import SIGTERM
from typing import Any, NamedTuple, Self

from supervisor.datatypes import byte_size

from server.connectors.credentials import is_linked
from server.core.paths import StateFolder
from server.core.settings.words import Isolation
from server.isolation.confinement import Confinement, Offered
from server.protocol.exit_codes import DONE, RECYCLE, RESTART
from server.supervisor_plugin.connector_config import ConnectorConfig
from server.supervisor_plugin.restart_policy import RestartPolicy

#: Options of the C library, which keeps memory for each of Node's threads by default: 4 MiB in a session.
#: `MALLOC_TRIM_THRESHOLD_`: bytes of free memory above which it goes back to the host.
#: A start takes 12 ms longer with 128 KiB.
#: `MALLOC_MMAP_THRESHOLD_`: pieces of so many bytes go back as soon as they are free, and leave no gaps
#: between smaller ones.
MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "1048576",
    "MALLOC_MMAP_THRESHOLD_": "32768",
}


#: Argument of a connector that waits for its session (connector/process/spare.js).
SPARE_ARGUMENT = "--spare"

#: Names the own folder of a spare, also when that was renamed. The filter of calls keeps a process from
#: changing its working directory.
WORKING_DIRECTORY = Path("/proc/self/cwd")


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
    #: Bytes of memory that Node reserves before it runs a program; 0: unknown.
    reserved_memory: int
    #: Bytes after which a log is rotated. One older file is kept.
    log_maxbytes: int
    #: What the kernel offers to isolate a connector; None if connectors are not isolated.
    isolation: Offered | None
    #: Processes that wait for a session.
    warm_spares: int
    #: The first of them is started so long after supervisord, which starts everything else first.
    first_spare: float
    #: MiB that must be free for a new session.
    min_free_memory: int

    @classmethod
    def parse(cls, *, state: str, connector_command: str, connector_directory: str, **options: str) -> Self:
        """Raises TypeError for a missing or unknown option, ValueError for one that cannot be parsed."""
        command = tuple(shlex.split(connector_command))
        parsers = {
            "tries": int,
            "memory": int,
            "reserved_memory": int,
            "log_maxbytes": byte_size,
            "isolation": _isolation,
            "warm_spares": int,
            "min_free_memory": int,
        }
        parsed = {name: parsers.get(name, float)(value) for name, value in options.items()}
        return cls(StateFolder(Path(state)), command, connector_directory, **parsed)

    def restart_policy(self, session_id: str) -> RestartPolicy:
        """Returns the policy of a session's connector."""
        folder = self.state.session(session_id).path
        return self._policy(lambda: is_linked(folder))

    def spare_policy(self) -> RestartPolicy:
        """Returns the policy of a spare, which is never given up: the next try is soon five minutes away."""
        return self._policy(lambda: True)

    def _policy(self, is_linked: Callable[[], bool]) -> RestartPolicy:
        return RestartPolicy(
            tries=self.tries,
            first_delay=self.first_delay,
            longest_delay=self.longest_delay,
            healthy_after=self.healthy_after,
            steady_after=self.steady_after,
            is_linked=is_linked,
        )

    @property
    def can_have_spares(self) -> bool:
        """Whether a spare is as isolated as any other connector. The kernel may lack what that needs."""
        return self.isolation is None or self.isolation.holds_renamed_folders

    def confinement(self, session_id: str) -> Confinement | None:
        """Returns what a session's connector may use; None if that is not limited."""
        return self._confinement(self.state.session(session_id).path)

    def spare_confinement(self, name: str) -> Confinement | None:
        """Returns what a spare may use, also after it was given to a session; None if that is not limited."""
        return self._confinement(self.state.spare(name).path, lasting=WORKING_DIRECTORY)

    def process_config(self, options: Any, session_id: str) -> ConnectorConfig:
        """options: supervisord's own."""
        folder = self.state.session(session_id).path
        return self._config(
            options,
            name=session_id,
            command=self._command(self.confinement(session_id), *self.command[1:], session_id),
            directory=self.directory,
            temporary=folder,
            log=self.state.logs / f"connector-{session_id}.log",
        )

    def spare_config(self, options: Any, name: str) -> ConnectorConfig:
        """options: supervisord's own."""
        # Its working directory is its folder, so the program's path has to be absolute.
        words = (
            word if word.startswith("-") else str(Path(self.directory, word)) for word in self.command[1:]
        )
        return self._config(
            options,
            name=name,
            command=self._command(self.spare_confinement(name), *words, SPARE_ARGUMENT),
            directory=str(self.state.spare(name).path),
            temporary=WORKING_DIRECTORY,
            log=self.state.logs / "spares.log",
        )

    def _confinement(self, own: Path, *, lasting: Path | None = None) -> Confinement | None:
        if self.isolation is None:
            return None
        return Confinement(
            self.isolation,
            own=own,
            code=Path(self.directory, "connector"),
            cache=self.state.cache,
            node=Path(self.command[0]),
            lasting=lasting,
        )

    def _command(self, confinement: Confinement | None, *arguments: str) -> str:
        node_options = confinement.node_options() if confinement else ()
        return shlex.join((self.command[0], *node_options, *arguments))

    def _config(
        self, options: Any, *, name: str, command: str, directory: str, temporary: Path, log: Path
    ) -> ConnectorConfig:
        return ConnectorConfig(
            options,
            name=name,
            command=command,
            directory=directory,
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
            environment={**MALLOC, "TMPDIR": str(temporary)},
            serverurl="",  # supervisord would name its socket in SUPERVISOR_SERVER_URL
            **_log("stdout", str(log), self.log_maxbytes),
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
