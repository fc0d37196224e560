"""What the host must offer: without it, a part underneath would end with words of its own."""

import os
import resource
from pathlib import Path

from server.cli.common.output import say
from server.cli.serve.preflight import CannotServe
from server.core.clock import BOOT_ID_FILE, UPTIME_FILE

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


def check_host() -> None:
    """Checks what the processes need of the kernel and its limits. node_start.py checks Node.

    Raises CannotServe.
    """
    check_proc()
    check_open_files()
    check_file_size()
    check_processes()


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
