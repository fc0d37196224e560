"""What a connector might try that somebody has taken over: each attempt raises OSError if it is refused."""

import ctypes
import errno
import json
import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_libc = ctypes.CDLL(None, use_errno=True)

#: linux/ptrace.h: attaches without a stop.
PTRACE_SEIZE = 0x4206


class Scene(NamedTuple):
    """A state folder with two sessions, and a process that stands for the front."""

    state: Path
    code: Path
    cache: Path
    #: The session whose connector it is.
    own: Path
    other: Path
    database: Path
    supervisor_socket: Path
    front: int
    #: Where something listens on loopback.
    port: int


def _open(path: Path, flags: int) -> None:
    os.close(os.open(path, flags | os.O_NONBLOCK))


def _ptrace(scene: Scene) -> None:
    _check(_libc.ptrace(PTRACE_SEIZE, scene.front, None, None))


def _read_memory(scene: Scene) -> None:
    """Nothing is copied, if it is allowed."""
    _check(_libc.process_vm_readv(scene.front, None, 0, None, 0, 0))


def _check(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _connect_to_supervisord(scene: Scene) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(scene.supervisor_socket))


def _listen(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)):
        pass


def _remove_a_journal(scene: Scene) -> None:
    journal = scene.own / "connector.db-journal"
    _open(journal, os.O_CREAT | os.O_RDWR)
    journal.unlink()


def _run_a_program(scene: Scene) -> None:
    """The exit code is the error."""
    child = os.fork()
    if child == 0:
        try:
            os.execv("/bin/true", ["true"])  # noqa: S606  # without a shell
        except OSError as error:
            os._exit(error.errno or 255)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise OSError(code, "refused")


Attempt = Callable[[Scene], object]

#: What Landlock refuses.
FILES: dict[str, Attempt] = {
    "read the database": lambda scene: _open(scene.database, os.O_RDONLY),
    "write the database": lambda scene: _open(scene.database, os.O_WRONLY),
    "read another session": lambda scene: _open(scene.other / "connector.db", os.O_RDONLY),
    "write another session's pipe": lambda scene: _open(scene.other / "events.fifo", os.O_RDWR),
    "make a file in another session": lambda scene: _open(scene.other / "new", os.O_CREAT | os.O_WRONLY),
    "list the sessions": lambda scene: list((scene.state / "sessions").iterdir()),
    "write the compile cache": lambda scene: _open(scene.cache / "new", os.O_CREAT | os.O_WRONLY),
    "change the program": lambda scene: _open(scene.code / "main.js", os.O_RDWR),
    "add a file to the program": lambda scene: _open(scene.code / "new.cjs", os.O_CREAT | os.O_WRONLY),
    "link to another file": lambda scene: (scene.own / "link").symlink_to(scene.database),
    "make a pipe": lambda scene: os.mkfifo(scene.own / "more.fifo"),
    "read the front's environment": lambda scene: _open(Path(f"/proc/{scene.front}/environ"), os.O_RDONLY),
    "read the front's memory file": lambda scene: _open(Path(f"/proc/{scene.front}/mem"), os.O_RDONLY),
    "run another program": _run_a_program,
}

#: What the filter of system calls refuses.
CALLS: dict[str, Attempt] = {
    "connect to supervisord": _connect_to_supervisord,
    "signal the front": lambda scene: os.kill(scene.front, 0),
    "open the database to others": lambda scene: scene.database.chmod(0o600),
    "give the database away": lambda scene: os.chown(scene.database, os.getuid(), os.getgid()),
    "set the times of the database": lambda scene: os.utime(scene.database),
    "go to another folder": lambda scene: os.chdir(scene.own),
    "read the front's memory": _read_memory,
    "limit the front": lambda scene: resource.prlimit(scene.front, resource.RLIMIT_CORE),
    "slow the front down": lambda scene: os.setpriority(os.PRIO_PROCESS, scene.front, 19),
}

#: What both refuse.
BOTH: dict[str, Attempt] = {
    "trace the front": _ptrace,
    "empty the database": lambda scene: os.truncate(scene.database, 0),
}

#: What Landlock refuses from version 4.
NETWORK: dict[str, Attempt] = {"listen on a port": _listen}

ALL = FILES | CALLS | BOTH | NETWORK

#: What a connector does all the time.
NEEDED: dict[str, Attempt] = {
    "write its database": lambda scene: _open(scene.own / "connector.db", os.O_RDWR | os.O_CREAT),
    "remove a journal": _remove_a_journal,
    "use its pipe": lambda scene: _open(scene.own / "events.fifo", os.O_RDWR),
    "read the program": lambda scene: _open(scene.code / "main.js", os.O_RDONLY),
    "read the compile cache": lambda scene: _open(scene.cache / "old", os.O_RDONLY),
    "read the boot clock": lambda scene: _open(Path("/proc/uptime"), os.O_RDONLY),
    "read its own memory": lambda scene: _open(Path("/proc/self/status"), os.O_RDONLY),
    "connect over TCP": lambda scene: socket.create_connection(("localhost", scene.port)).close(),
    "signal itself": lambda scene: os.kill(os.getpid(), 0),
}


def outcomes(scene: Scene, attempts: dict[str, Attempt], prepare: Callable[[], object]) -> dict[str, str]:
    """Makes all attempts in a child process. Returns `done` or the name of the error of each."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            prepare()
            outcomes_here = {name: _outcome(attempt, scene) for name, attempt in attempts.items()}
            os.write(writer, json.dumps(outcomes_here).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as results:
        said = results.read()
    os.waitpid(child, 0)
    found: dict[str, str] = json.loads(said)
    return found


def _outcome(attempt: Attempt, scene: Scene) -> str:
    try:
        attempt(scene)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"
