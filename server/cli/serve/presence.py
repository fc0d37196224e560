"""Whether a gateway runs on a state folder, and how to keep one from starting meanwhile."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager

import click

from server.cli.serve.preflight import CannotServe, check_alone
from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder


class GatewayRuns(click.ClickException):
    """What was asked for can only be done while nothing runs on the state folder."""


class NotOurs(click.ClickException):
    """The state folder is another user's."""


def front_runs(folder: StateFolder) -> bool:
    """Whether some front owns the pipes. An address in front.json says less: it outlives its front.

    A front that starts at this very moment may find the lock taken; it looks again soon. Raises NotOurs.
    """
    try:
        lock = os.open(folder.lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise NotOurs(f"the state folder cannot be used: {error}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def supervisord_runs(folder: StateFolder) -> bool:
    """Whether somebody listens on its socket."""
    try:
        check_alone(folder)
    except CannotServe:
        return True
    return False


@contextmanager
def kept_stopped(folder: StateFolder) -> Generator[None]:
    """Nothing runs on the folder for the block, and a front that starts meanwhile waits for its end.

    The folder exists. Raises GatewayRuns, NotOurs.
    """
    try:
        ownership = LeaderLock(folder)
    except OSError as error:
        raise NotOurs(f"the state folder cannot be used: {error}") from None
    try:
        if not ownership.take():
            raise GatewayRuns(f"Motte runs on the state folder {folder.path}: stop it first")
        if supervisord_runs(folder):
            raise GatewayRuns(
                f"supervisord runs on the state folder {folder.path}, without the REST API: "
                "see `motte ctl status`, and end it with `motte ctl shutdown`"
            )
        yield
    finally:
        ownership.close()
