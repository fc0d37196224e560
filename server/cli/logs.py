"""`motte logs`: prints the end of a log, and follows it."""

import os
import time
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import IO

import click
from click.core import ParameterSource

from server.cli.common.numbers import WholeNumber
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import say
from server.cli.sessions.completion import session_ids
from server.cli.sessions.options import checked
from server.core.paths import StateFolder
from store.files import open_regular

#: Logs that are not of a session.
PROCESSES = ("front", "supervisord", "sandbox")

DEFAULT = ParameterSource.DEFAULT

#: Interval between two looks at a log that is followed.
FOLLOW_INTERVAL_SECONDS = 0.2


class NoLog(click.ClickException):
    """There is no such log."""


@click.command()
@click.argument("session_id", metavar="[ID]", required=False, callback=checked, shell_complete=session_ids)
@click.option(
    "--of",
    "process",
    type=click.Choice(PROCESSES),
    default="front",
    show_default=True,
    help="without an ID: the process whose log is printed",
)
@click.option(
    "--lines",
    "-n",
    metavar="NUMBER",
    type=WholeNumber(0),
    default=20,
    show_default=True,
    help="how many of the last lines are printed",
)
@click.option("--follow", "-f", is_flag=True, help="go on with new lines until Ctrl-C")
@setting_options([STATE])
def logs(*, session_id: str | None, process: str, lines: int, follow: bool, **options: str | None) -> None:
    """Print the last lines of the log of the front, or of the session ID.

    It reads the files in logs/ of the state folder, whether Motte runs or not. With --follow, the command
    goes on when a log is rotated, and when Motte stops and starts again.

    Exit codes: 0 shown, 1 there is no such log, 2 wrong usage, 130 ended with Ctrl-C.
    """
    if session_id is not None and click.get_current_context().get_parameter_source("process") is not DEFAULT:
        raise click.UsageError("give the ID of a session, or --of")
    file = _file(read_state(options[STATE.name]), session_id, process)
    try:
        log = _open(file)
    except FileNotFoundError:
        raise NoLog(_absence(file, session_id)) from None
    except OSError as error:
        raise NoLog(f"{file}: {error.strerror}") from None
    with log:
        for line in last_lines(file, log, lines):
            _print(line)
        if follow:
            for line in new_lines(file, log):
                _print(line)


def last_lines(file: Path, log: IO[str], number: int) -> list[str]:
    """Returns the last lines of a log, also of the one before it if that was rotated. log: the open file."""
    found = list(deque(log, number))
    if len(found) < number:
        with suppress(OSError), _open(file.with_name(f"{file.name}.1")) as rotated:
            return [*deque(rotated, number - len(found)), *found]
    return found


def new_lines(file: Path, log: IO[str]) -> Generator[str]:
    """Yields lines for ever. log: the open file. A file that takes its place is read from its beginning."""
    try:
        while True:
            if rest := log.read():
                yield rest
            elif (newer := _newer(file, log)) is None:
                time.sleep(FOLLOW_INTERVAL_SECONDS)
            else:
                rest = log.read()  # written between the two looks
                log.close()
                log = newer
                if rest:
                    yield rest
    finally:
        log.close()


def _newer(file: Path, log: IO[str]) -> IO[str] | None:
    """Returns the file that took the place of the open one, or that was cut off; None if it is unchanged."""
    try:
        present = file.stat()
        is_same = os.path.samestat(present, os.fstat(log.fileno()))
        if is_same and present.st_size >= os.lseek(log.fileno(), 0, os.SEEK_CUR):
            return None
        return _open(file)
    except OSError:  # between two files of a rotation
        return None


def _open(file: Path) -> IO[str]:
    """Raises WrongKind, OSError."""
    return os.fdopen(open_regular(file, os.O_RDONLY), errors="replace")


def _file(folder: StateFolder, session_id: str | None, process: str) -> Path:
    name = f"{process}.log" if session_id is None else f"connector-{session_id}.log"
    return folder.logs / name


def _absence(file: Path, session_id: str | None) -> str:
    if session_id is None:
        return f"there is no log {file}"
    return f"there is no log {file}: is {session_id} a session, and was it ever started?"


def _print(text: str) -> None:
    """Prints text with its line ends. A log may quote what others wrote."""
    say(text, nl=False)
