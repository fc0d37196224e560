"""Process of a front that `motte serve` has started before supervisord. It waits for its environment."""

import ctypes
import json
import os
import sys
import time

from server import entry_point
from server.core.certificates import left_unread
from server.core.garbage import no_collection
from server.early_front import LONGEST_PATH_BYTES, STATE


def main() -> None:
    """Imports the front, waits for supervisord, and runs it as `motte front` would.

    It imports what a command line needs only to say what is wrong. Raises SystemExit.
    """
    os.umask(0o077)
    with no_collection(), left_unread():
        from server.app import serve
        from server.core.sandbox_start import wait_for_sandbox
        from server.core.settings.environment import ConfigError, read
        from store.sqlite.schema import made_columns
    made_columns()  # kept, so that opening the database need not make them
    _wait_for_supervisord()
    try:
        settings = read(os.environ)
        wait_for_sandbox(settings)
        serve(settings)
    except ConfigError:
        entry_point.main(["front"])  # says what is wrong
    except OSError as error:
        from server.cli.common.program import in_words

        sys.exit(f"Error: {in_words(error)}")


def _wait_for_supervisord() -> None:
    """Takes the environment over that supervisord sends. Exits if there is no supervisord."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 1 << 16)
        if not part:
            sys.exit(0)
        line += part
    environ = json.loads(line)
    _show_state_folder(environ[STATE])
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(environ["MOTTE_ROOT"])  # where supervisord starts its programs


def _show_state_folder(path: str) -> None:
    """Writes the state folder into the memory of which the kernel makes `/proc/<pid>/environ`.

    By that variable, processes of a state folder are found (server/cli/sandbox/gateway.py). The kernel shows
    what a process began with; Python keeps its own copy of the variables.
    """
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    value = os.fsencode(path) + b"\0"
    ctypes.memmove(getenv(STATE.encode()), value, min(len(value), LONGEST_PATH_BYTES))
