"""What the file system of the state folder must be able to do."""

import os
from pathlib import Path

import click

from server.core.paths import StateFolder

#: Bits of a file's mode that give access to others.
OTHERS_MODE_BITS = 0o077

ADVICE = "choose a folder on another file system, such as a volume of the container engine, with --state"


class UnfitFileSystem(click.ClickException):
    """The file system cannot keep what Motte keeps."""


def check_file_system(folder: StateFolder) -> None:
    """Checks the file system by `logs` and `sessions`, which are there. Raises UnfitFileSystem, OSError."""
    if folder.logs.stat().st_mode & OTHERS_MODE_BITS:
        raise UnfitFileSystem(
            f"the file system of {folder.path} keeps no permissions, so that other users could read the "
            f"credentials of accounts: {ADVICE}"
        )
    if ignores_case(folder):
        raise UnfitFileSystem(
            f"the file system of {folder.path} ignores case, so that the sessions Shop and shop would share "
            f"one folder: {ADVICE}"
        )
    _check_pipes(folder)


def ignores_case(folder: StateFolder) -> bool:
    """Whether two names that differ by case are one file, in the state folder or in that of the sessions.

    A folder of sessions may ignore case by itself: ext4 has an attribute for that.
    """
    places = [folder.logs, folder.sessions, *folder.sessions.glob("*")]
    return any(_has_two_names(place) for place in places if place.exists())


def _has_two_names(path: Path) -> bool:
    other = path.with_name(path.name.swapcase())
    return other.name != path.name and other.exists() and other.samefile(path)


def _check_pipes(folder: StateFolder) -> None:
    """Makes the pipe that a front makes otherwise. Each session needs two more."""
    if folder.wakeup_pipe.exists():
        return
    try:
        os.mkfifo(folder.wakeup_pipe, 0o600)
    except OSError as error:
        raise UnfitFileSystem(
            f"the file system of {folder.path} has no named pipes ({error.strerror}): {ADVICE}"
        ) from None
