"""Whether a gateway runs on a state folder, and a lock that keeps one from starting."""

import fcntl
import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.serve.preflight import CannotServe, check_alone
from server.cluster.lock_mark import COMMAND
from server.core.paths import StateFolder
from store.files import open_regular

if TYPE_CHECKING:
    from server.cluster.leader_lock import LeaderLock


class FolderInUse(click.ClickException):
    """The command needs a state folder that no other process uses."""


class NotAccessible(click.ClickException):
    """The state folder cannot be used, such as that of another user."""


def front_runs(folder: StateFolder) -> bool:
    """Whether a front owns the pipes. front.json is no proof, because it outlives its front.

    A front that starts during this call may find the lock taken, and then tries again. Raises NotAccessible.
    """
    return _held(folder.lock) not in (None, COMMAND)


def command_works(folder: StateFolder) -> bool:
    """Whether a command works on the folder, and keeps every front from leading. Raises NotAccessible."""
    return _held(folder.lock) == COMMAND


def deliverer_runs(folder: StateFolder) -> bool:
    """Whether a process delivers to webhooks. Raises NotAccessible."""
    return _held(folder.deliverer_lock) is not None


def _held(path: Path) -> bytes | None:
    """Returns how the file of a lock begins while a process has the lock; None if no process has it."""
    try:
        lock = open_regular(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotAccessible(f"the state folder cannot be used: {error}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(lock, len(COMMAND), 0)
    finally:
        os.close(lock)
    return None


def supervisord_runs(folder: StateFolder) -> bool:
    """Whether supervisord listens on its socket."""
    try:
        check_alone(folder)
    except CannotServe:
        return True
    return False


@contextmanager
def kept_stopped(folder: StateFolder) -> Generator[None]:
    """Keeps a gateway from running during the block. A front that starts meanwhile waits.

    The folder must exist. Raises FolderInUse, NotAccessible.
    """
    with leader_lock(folder) as lock:
        while not lock.take():  # also while another process looks what has it: it is free again at once
            check_free_of_commands(folder)
            if front_runs(folder):
                raise FolderInUse(f"Motte runs on the state folder {folder.path}: stop it first")
        if supervisord_runs(folder):
            raise FolderInUse(
                f"supervisord runs on the state folder {folder.path}, without the REST API: "
                "see `motte ctl status`, and end it with `motte ctl shutdown`"
            )
        yield


def check_free_of_commands(folder: StateFolder) -> None:
    """Checks that no other command keeps every front from leading. Raises FolderInUse, NotAccessible."""
    if command_works(folder):
        raise FolderInUse(
            f"another command of Motte works on the state folder {folder.path}: try again when it has ended"
        )


@contextmanager
def leader_lock(folder: StateFolder) -> Generator["LeaderLock"]:
    """Yields the lock of the front that leads, for a command. If the block takes it, it has it until its end.

    Raises NotAccessible.
    """
    from server.cluster.leader_lock import LeaderLock  # imported here: `motte serve` needs no event loop

    try:
        lock = LeaderLock(folder, is_command=True)
    except OSError as error:
        raise NotAccessible(f"the state folder cannot be used: {error}") from None
    with closing(lock):
        yield lock
