"""What the host must offer: without it, a part underneath would end with words of its own."""

import os
import resource
import signal
import subprocess
from pathlib import Path

from server.cli.common.output import say
from server.cli.serve.launch import NODE
from server.cli.serve.preflight import CannotServe
from server.core.clock import BOOT_ID_FILE, UPTIME_FILE
from server.core.settings.model import Settings
from server.isolation.environment import connector_environment

#: The front and supervisord need about 40 each before the first session, and Node needs 24.
MIN_OPEN_FILES = 128

#: With fewer than this a person is warned. It is what supervisord asks for by default.
FEW_OPEN_FILES = 1024

#: supervisord needs three files for each session, and both processes some before the first one.
FILES_PER_SESSION = 3
FILES_WITHOUT_SESSIONS = 100

#: supervisord's log and the front's are rotated at 5 MB. The database has to grow beyond that.
MIN_FILE_BYTES = 64 * 2**20

#: Node has 11 threads, supervisord and the front have a few, and each session adds a Node.
MIN_PROCESSES = 64

#: Node starts in 50 ms. It hangs if it may have too few threads.
NODE_STARTS_WITHIN_SECONDS = 10.0


def check_host(settings: Settings) -> None:
    """Checks what the processes need of the kernel and its limits. Raises CannotServe."""
    check_proc()
    check_open_files()
    check_file_size()
    check_processes()
    check_node_runs(settings.connector_memory, settings.node or NODE)


def check_proc(files: tuple[Path, ...] = (UPTIME_FILE, BOOT_ID_FILE)) -> None:
    """Checks that /proc is there: Motte reads the time since boot and the boot's id. Raises CannotServe."""
    for file in files:
        try:
            file.read_bytes()
        except OSError as error:
            raise CannotServe(
                f"{file} cannot be read ({error.strerror}), and Motte's clock needs it: mount /proc"
            ) from None


def check_open_files() -> None:
    """Checks how many files may be open. A low limit is a warning. Raises CannotServe."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard >= FEW_OPEN_FILES:
        return
    advice = "raise the limit (`ulimit -n`, `LimitNOFILE`, `docker run --ulimit nofile=`)"
    if hard < MIN_OPEN_FILES:
        raise CannotServe(
            f"at most {hard} files may be open here, and Motte needs {MIN_OPEN_FILES} at least: {advice}"
        )
    sessions = max((hard - FILES_WITHOUT_SESSIONS) // FILES_PER_SESSION, 1)
    say(
        f"Warning: at most {hard} files may be open here, enough for about {sessions} sessions: {advice}.",
        err=True,
    )


def check_file_size() -> None:
    """Checks how large a file may become. Raises CannotServe."""
    soft, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if soft != resource.RLIM_INFINITY and soft < MIN_FILE_BYTES:
        raise CannotServe(
            f"a file may have at most {soft} bytes here, and Motte needs {MIN_FILE_BYTES}: "
            "raise the limit (`ulimit -f`, `LimitFSIZE`)"
        )


def check_processes() -> None:
    """Checks how many processes and threads this user may have; root has no limit. Raises CannotServe."""
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    if os.geteuid() != 0 and hard != resource.RLIM_INFINITY and hard < MIN_PROCESSES:
        raise CannotServe(
            f"this user may have at most {hard} processes and threads, and Motte needs {MIN_PROCESSES} at "
            "least: raise the limit (`ulimit -u`, `LimitNPROC`)"
        )


def check_node_runs(memory: int, node: Path = NODE) -> None:
    """Checks that Node starts as connectors do. memory: MiB of the setting. Raises CannotServe.

    It does not if the address space or the number of processes is limited, if a filter forbids its system
    calls, or if its folder is mounted without the right to execute.
    """
    command = [str(node), "--max-semi-space-size=1", f"--max-old-space-size={memory}", "--eval", ""]
    try:
        ended = subprocess.run(  # noqa: S603  # our own Node
            command,
            env=connector_environment(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=NODE_STARTS_WITHIN_SECONDS,
        )
    except OSError as error:
        raise CannotServe(f"Node cannot be started: {node}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise CannotServe(
            f"Node does not run here: it did not end within {NODE_STARTS_WITHIN_SECONDS:g} seconds"
        ) from None
    if ended.returncode != 0:
        raise CannotServe(
            f"Node does not run here: {_how(ended.returncode)}{_why(ended.stderr)}; see whether memory "
            "(`ulimit -v`) or processes (`ulimit -u`, `pids`) are limited: `motte doctor` checks more"
        )


def _how(code: int) -> str:
    """Says how a process ended."""
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was ended by signal {-code}"


def _why(output: bytes) -> str:
    """Returns the first line with words in what Node printed: V8 surrounds its errors with `#`."""
    lines = (line.strip("# \t") for line in output.decode(errors="replace").splitlines())
    first = next((line for line in lines if line), "")
    return f" ({first[:200]})" if first else ""
