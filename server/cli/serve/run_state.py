"""Whether a gateway runs on a state folder, and a lock that keeps one from starting."""

import fcntl
import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from server.cli.serve.preflight import CannotServe, check_alone
from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder
from store.files import open_regular


class GatewayRuns(click.ClickException):
    """The command needs a state folder on which nothing runs."""


class NotAccessible(click.ClickException):
    """The state folder cannot be used, such as that of another user."""


def front_runs(folder: StateFolder) -> bool:
    """Whether a front owns the pipes. front.json is no proof, because it outlives its front.

    A front that starts during this call may find the lock taken, and then tries again. Raises NotAccessible.
    """
    return _is_locked(folder.lock)


def deliverer_runs(folder: StateFolder) -> bool:
    """Whether a process delivers to webhooks. Raises NotAccessible."""
    return _is_locked(folder.deliverer_lock)


def _is_locked(path: Path) -> bool:
    try:
        lock = open_regular(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise NotAccessible(f"the state folder cannot be used: {error}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


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

    The folder must exist. Raises GatewayRuns, NotAccessible.
    """
    with leader_lock(folder) as lock:
        if not lock.take():
            raise GatewayRuns(f"Motte runs on the state folder {folder.path}: stop it first")
        if supervisord_runs(folder):
            raise GatewayRuns(
                f"supervisord runs on the state folder {folder.path}, without the REST API: "
                "see `motte ctl status`, and end it with `motte ctl shutdown`"
            )
        yield


@contextmanager
def leader_lock(folder: StateFolder) -> Generator[LeaderLock]:
    """Yields the lock of the front that leads. If the block takes it, it has it until its end.

    Raises NotAccessible.
    """
    try:
        lock = LeaderLock(folder)
    except OSError as error:
        raise NotAccessible(f"the state folder cannot be used: {error}") from None
    with closing(lock):
        yield lock
